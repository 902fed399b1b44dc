// Loaded into every Node process of one `pulumi up` (by NODE_OPTIONS), it writes down what happens when, a line of JSON
// each: the start and the end of the process, the end of loading its program, every SSH connection.
import childProcess from "node:child_process";
import { appendFileSync } from "node:fs";
import Module from "node:module";

/** One line of the file. `at` is in milliseconds since 1970. */
export interface Event {
  pid: number;
  at: number;
  event: "start" | "loaded" | "ssh" | "ssh-end" | "packages" | "exit";
  /** Of "start": the path of the program. Of "ssh": the command. */
  text?: string;
  /** Of "ssh" and "ssh-end": which. */
  child?: number;
  /** Of "packages": the milliseconds in which the files of each were loaded. */
  packages?: Record<string, number>;
}

const file = process.env.FAKEVPC_BENCH_PROBE;
const now = () => performance.timeOrigin + performance.now();
const write = (event: Omit<Event, "pid">) =>
  appendFileSync(file!, `${JSON.stringify({ pid: process.pid, ...event })}\n`);

if (file) {
  write({ at: performance.timeOrigin, event: "start", text: process.argv[1] ?? "" });
  watchLoading();
  watchSsh();
  process.on("exit", () => write({ at: now(), event: "exit" }));
}

/** A package's time is that of its own files, without those that they load in turn. */
function watchLoading(): void {
  const packages: Record<string, number> = {};
  const inner: number[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: how Node loads a module is no part of its types
  const loader = Module as any;
  const load = loader._load;
  loader._load = function (request: string, parent: unknown, isMain: boolean) {
    const start = performance.now();
    inner.push(0);
    try {
      return load.call(this, request, parent, isMain);
    } finally {
      const total = performance.now() - start;
      const own = total - inner.pop()!;
      if (inner.length > 0) inner.push(inner.pop()! + total);
      const name = packageOf(request, parent as NodeModule | undefined);
      packages[name] = (packages[name] ?? 0) + own;
      if (/\/(index\.ts|dist\/lab\/providers\/\w+\.js)$/.test(request)) write({ at: now(), event: "loaded", packages });
    }
  };
}

function packageOf(request: string, parent: NodeModule | undefined): string {
  if (/^(node:|[a-z_]+$)/.test(request) && Module.builtinModules.includes(request.replace("node:", ""))) return "node";
  const place = /^[./]/.test(request)
    ? request.startsWith("/")
      ? request
      : (parent?.filename ?? "")
    : `/node_modules/${request}`;
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)?.[1] ?? "fakevpc";
}

function watchSsh(): void {
  const spawn = childProcess.spawn;
  // biome-ignore lint/suspicious/noExplicitAny: the many signatures of spawn are all passed on
  (childProcess as any).spawn = (program: string, ...rest: any[]) => {
    const at = now();
    // biome-ignore lint/suspicious/noExplicitAny: the same
    const child = (spawn as any)(program, ...rest);
    if (program === "ssh") {
      write({ at, event: "ssh", text: String(rest[0]).slice(-200), child: child.pid });
      child.on("close", () => write({ at: now(), event: "ssh-end", child: child.pid }));
    }
    return child;
  };
}
