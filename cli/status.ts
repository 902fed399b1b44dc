import { setTimeout as sleep } from "node:timers/promises";
import { examine, type MeshReport } from "./findings/examine";
import { History } from "./page/history";
import { pageData, pageMesh } from "./page/pageData";
import { renderPage } from "./page/renderPage";
import { renderMetrics } from "./prometheus";
import { replaceFile } from "./replaceFile";
import { renderReport } from "./report";
import { KeptConnections } from "./server/keptConnections";
import { SshFiles } from "./server/sshFiles";
import { Turns } from "./server/turns";
import { CommandError } from "./stack/pulumi";
import { type StoredMesh, storedMeshes } from "./stack/state";

export interface StatusOptions {
  stack?: string;
  /** A key file to use instead of the stack's key, which then stays encrypted. */
  identity?: string;
  /** One FakeVpc; all of the stack by default. */
  mesh?: string;
  json: boolean;
  /** Metrics in Prometheus' text format. */
  prometheus: boolean;
  /** A file for the metrics; standard output by default. */
  output?: string;
  /** A file for the page, beside what is printed. */
  html?: string;
  watch: boolean;
}

/** Seconds between two looks. */
const interval = 2;

/** `fakevpc status`. The exit code is 0 only if all is well; with metrics, which say themselves how all is, if they are written. */
export async function status(options: StatusOptions): Promise<number> {
  const { stack, mesh, identity, json, prometheus, output } = options;
  if (json && prometheus) throw new CommandError("--json and --prometheus are two forms of the same: choose one");
  if (output !== undefined && !prometheus)
    throw new CommandError("--output is for --prometheus; a page goes to --html FILE");
  const meshes = storedMeshes(stack, { mesh, showSecrets: identity === undefined });
  const turns = new Turns();
  const history = new History();
  const known = meshes.map((stored) => {
    const ssh = new SshFiles(stored, identity);
    const way = options.watch ? new KeptConnections(ssh, Object.keys(stored.servers), turns) : ssh;
    return { stored, way };
  });
  try {
    for (;;) {
      const reports = await Promise.all(known.map(({ stored, way }) => examine(stored, way)));
      if (options.html !== undefined) writePage(options.html, meshes, reports, history);
      show(reports, options);
      if (!options.watch) return prometheus || reports.every(({ findings }) => findings.length === 0) ? 0 : 1;
      await sleep(interval * 1000);
    }
  } finally {
    for (const { way } of known) way.close();
  }
}

function writePage(file: string, meshes: StoredMesh[], reports: MeshReport[], history: History): void {
  const shown = meshes.map((stored, at) => pageMesh(stored, reports[at]!, history));
  replaceFile(file, renderPage(pageData(shown, { live: false })));
}

function show(reports: MeshReport[], { json, prometheus, output, watch }: StatusOptions): void {
  if (prometheus) {
    const metrics = renderMetrics(reports);
    if (output === undefined) process.stdout.write(metrics);
    else replaceFile(output, metrics);
    return;
  }
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
