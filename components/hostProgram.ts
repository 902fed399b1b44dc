import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { packageFile } from "./packageFile";

const read = (folder: string, file: string) => readFileSync(packageFile("host", folder, file), "utf8");

/** The files of a folder of `host/`, in the order of their names. */
function namesIn(folder: string, extension: string): string[] {
  return readdirSync(packageFile("host", folder))
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length))
    .sort();
}

/** The files of a folder as the shell variables `KIND_NAME`, without their comments. */
function variables(kind: string, folder: string, extension: string): string[] {
  return namesIn(folder, extension).map((name) => {
    const code = read(folder, `${name}${extension}`)
      .split("\n")
      .filter((line) => !/^\s*(#|$)/.test(line));
    return `${kind}_${name.replaceAll("-", "_")}=${quote(code.join("\n"))}\n`;
  });
}

/** The parts, each of functions alone: `lib` sets what all of them share, and `main` begins to run. */
function parts(): string[] {
  const others = namesIn("parts", ".sh").filter((name) => name !== "lib" && name !== "main");
  return ["lib", ...others, "main"].map((name) => read("parts", `${name}.sh`));
}

/** The whole program, which `host` installs on the server. */
export const hostProgram = [
  "#!/bin/sh\nset -eu\n",
  ...variables("awk", "awk", ".awk"),
  ...variables("script", "units", ".sh"),
  ...parts(),
].join("\n");

/** Another program is another word in the command line of `mesh`, so that it runs again. */
const version = digest(hostProgram);

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Standard input of `host`, for its delete too. A line in front of the program says which mesh it is for. */
export function hostStdin(meshId: string): string {
  return `# fakevpc mesh ${meshId}\n${hostProgram}`;
}

const launch = {
  elevate: oneLine("elevate"),
  install: oneLine("install"),
  run: oneLine("run"),
  delete: oneLine("delete"),
};

/**
 * A text of `host/launch` as one argument of a command line: without its comments, as Pulumi prints it with every error,
 * and in one line, as csh takes no other between quotes.
 */
function oneLine(name: string): string {
  const text = read("launch", `${name}.sh`)
    .split("\n")
    .map((line) => line.replace(/(^|\s)# .*/, "").trim())
    .filter((line) => line !== "");
  return quote(text.reduce((all, line) => `${all}${/(\b(then|else|do)|[{(|&])$/.test(all) ? "" : ";"} ${line}`));
}

/** The server that a Command is for, and the mesh's prefix there. */
export interface Target {
  prefix: string;
  server: string;
}

/** What a Command is asked for beside its step. */
export interface Request {
  upgrade?: boolean;
  /** Any text; another one is another command line, which runs again. */
  reapply?: string;
}

/** The command line of `host`, its create and its update. */
export function hostCommand({ prefix, server }: Target, { upgrade, reapply }: Request): string {
  const words = [`sh -c ${launch.install} fakevpc host`, prefix, server, ...(upgrade ? ["upgrade"] : [])];
  return elevated([...words, ...request(reapply)].join(" "));
}

/** The command line of `mesh`, its create and its update. */
export function meshCommand({ prefix, server }: Target, { reapply }: Request): string {
  const words = [`sh -c ${launch.run}`, installed(prefix), "apply", prefix, server, version];
  return elevated([...words, ...request(reapply)].join(" "));
}

/** The command line of the delete of `host`. */
export function deleteCommand({ prefix, server }: Target): string {
  return elevated([`sh -c ${launch.delete}`, installed(prefix), "delete", prefix, server].join(" "));
}

/** The command line that runs another one as root, whichever user logs in. */
export function elevated(program: string): string {
  return `sh -c ${launch.elevate} ${program}`;
}

function installed(prefix: string): string {
  return `/var/lib/fakevpc/${prefix}/host.sh`;
}

function request(reapply: string | undefined): string[] {
  return reapply === undefined ? [] : [`reapply=${digest(String(reapply))}`];
}

/** One word for any shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
