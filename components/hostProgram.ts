import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { packageFile } from "./packageFile";

/** The steps of a server. Each is one Command. */
export const steps = ["packages", "key", "interfaces", "hosts", "services"] as const;
export type Step = (typeof steps)[number];

const read = (name: string) => readFileSync(packageFile("host", `${name}.sh`), "utf8");
const readPart = (name: string) => read(`parts/${name}`);
const parts = [
  "lib",
  "packages",
  "key",
  "interfaces",
  "converge",
  "endpoints",
  "openings",
  "table",
  "hosts",
  "services",
  "main",
];

/** The whole program, which `packages` installs on the server. */
export const hostProgram = ["#!/bin/sh\nset -eu\n", ...parts.map(readPart)].join("\n");

/** What each step runs of it, so that a new version of the program runs again those steps alone that it changes. */
const usedBy: Record<Step, string[]> = {
  packages: [],
  key: ["lib", "key", "interfaces", "converge", "endpoints", "main"],
  interfaces: ["lib", "key", "interfaces", "converge", "endpoints", "openings", "table", "main"],
  hosts: ["lib", "hosts", "main"],
  services: ["lib", "services", "table", "main"],
};

function versionOf(step: Step): string {
  return digest(usedBy[step].map(readPart).join("\n"));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

const wrappers = {
  elevate: inline("elevate"),
  install: inline("install"),
  run: inline("run"),
  remove: inline("delete"),
};

/** A wrapper as one argument of a shell's command line, without its comments: Pulumi prints it with every error. */
function inline(name: string): string {
  const text = read(`launch/${name}`)
    .split("\n")
    .map((line) => line.replace(/(^|\s)# .*/, ""))
    .filter((line) => line !== "");
  return quote(text.join("\n"));
}

/** Who a step is run for: its mesh, by an id that outlives every name, and the server's name in it. */
export interface StepOwner {
  prefix: string;
  meshId: string;
  server: string;
}

/** The command that runs a step's create and update. */
export function applyCommand(step: Step, owner: StepOwner, options: string[], reapply?: string): string {
  const program =
    step === "packages" ? `sh -c ${wrappers.install} fakevpc` : `sh -c ${wrappers.run} ${installed(owner)}`;
  // The script makes nothing of these two: a command that reads differently is a Command that runs again.
  const version = step === "packages" ? [] : [versionOf(step)];
  const request = reapply === undefined ? [] : [`reapply=${digest(String(reapply))}`];
  return [elevated(program), step, "apply", ...argumentsOf(owner), ...options, ...version, ...request].join(" ");
}

/** The command that runs a step's delete. */
export function deleteCommand(step: Step, owner: StepOwner): string {
  return [elevated(`sh -c ${wrappers.remove} ${installed(owner)}`), step, "delete", ...argumentsOf(owner)].join(" ");
}

/** The command that runs a program as root, whoever logs in. */
export function elevated(program: string): string {
  return `sh -c ${wrappers.elevate} ${program}`;
}

function installed({ prefix }: StepOwner): string {
  return `/var/lib/fakevpc/${prefix}/host.sh`;
}

function argumentsOf({ prefix, meshId, server }: StepOwner): string[] {
  return [prefix, meshId, server];
}

/** One word for any shell of the Bourne kind. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
