import { setTimeout as sleep } from "node:timers/promises";
import { examine, type MeshReport } from "./findings/examine";
import { renderReport } from "./report";
import { KeptConnections } from "./server/keptConnections";
import { SshFiles } from "./server/sshFiles";
import { Turns } from "./server/turns";
import { storedMeshes } from "./stack/state";

export interface StatusOptions {
  stack?: string;
  /** A key file to use instead of the stack's key, which then stays encrypted. */
  identity?: string;
  /** One FakeVpc; all of the stack by default. */
  mesh?: string;
  json: boolean;
  watch: boolean;
}

/** Seconds between two looks. */
const interval = 2;

/** `fakevpc status`. The exit code is 0 only if all is well. */
export async function status(options: StatusOptions): Promise<number> {
  const { stack, mesh, identity } = options;
  const meshes = storedMeshes(stack, { mesh, showSecrets: identity === undefined });
  const turns = new Turns();
  const known = meshes.map((stored) => {
    const ssh = new SshFiles(stored, identity);
    const way = options.watch ? new KeptConnections(ssh, Object.keys(stored.servers), turns) : ssh;
    return { stored, way };
  });
  try {
    for (;;) {
      const reports = await Promise.all(known.map(({ stored, way }) => examine(stored, way)));
      show(reports, options);
      if (!options.watch) return reports.every(({ findings }) => findings.length === 0) ? 0 : 1;
      await sleep(interval * 1000);
    }
  } finally {
    for (const { way } of known) way.close();
  }
}

function show(reports: MeshReport[], { json, watch }: StatusOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(reports, undefined, watch ? undefined : 2)}\n`);
    return;
  }
  const { isTTY, columns } = process.stdout;
  const screen = { width: columns ?? 160, colours: isTTY === true && !process.env.NO_COLOR };
  const text = reports.map((report) => renderReport(report, screen)).join("\n");
  // From the top left corner over what was there; each line and the screen below are cleared to their ends.
  process.stdout.write(watch && isTTY ? `\u001b[H${text.replaceAll("\n", "\u001b[K\n")}\u001b[J` : text);
}
