import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { type Engine, ensureEngine } from "../../lab/engine/engine";
import { type OperationOptions, Stack } from "../../lab/engine/stack";
import type { Result } from "../../lab/process";
import { afterThis } from "../after";
import type { Wanted } from "./programs/commands/index";
import { Sshd } from "./sshd";

// For each test a new stack of the program in programs/commands, and for all of a file one SSH server of this machine.

const program = packageFile("tests/lab/programs/commands");
export const remoteType = "command:remote:Command";
export let engine: Engine;
export let sshd: Sshd;
export let stack: Stack;
export let directory: string;

beforeAll(async () => {
  engine = await ensureEngine(() => {});
  sshd = await Sshd.start();
});
afterAll(() => sshd?.stop());

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "fakevpc-stack-"));
  stack = new Stack({ engine, name: "test", directory, program });
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A remote command; it prints nothing into the environment of its next run unless asked to. */
export function remote(name: string, args: Wanted["args"], connection: Wanted["args"] = {}): Wanted {
  const login = { host: "127.0.0.1", port: sshd.port, privateKey: { secret: sshd.privateKey } };
  const full = { addPreviousOutputInEnv: false, connection: { ...login, ...connection }, ...args };
  return { name, type: "remote", args: full };
}

export async function up(wanted: Wanted[], options?: OperationOptions): Promise<Result> {
  await stack.setConfig({ "commands:resources": wanted });
  return stack.up(options);
}

export async function failUp(wanted: Wanted[]): Promise<string> {
  const { code, stdout, stderr } = await up(wanted, { allowFailure: true });
  assert.notEqual(code, 0, stdout);
  return stdout + stderr;
}

export async function resources(type: string): Promise<Record<string, unknown>[]> {
  const state = await stack.exportState();
  return (state.deployment.resources ?? []).filter((resource: { type: string }) => resource.type === type);
}

export function scratch(name: string): string {
  return path.join(directory, name);
}

export async function output(name: string): Promise<Record<string, string>> {
  const all = (await stack.outputs({ showSecrets: true })).outputs as Record<string, Record<string, string>>;
  return all[name]!;
}

/** A port where somebody takes connections, and what else becomes of them. */
export async function listen(take: (socket: Socket) => void): Promise<{ port: number; connections: Socket[] }> {
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    take(socket.on("error", () => {}));
  }).listen(0, "127.0.0.1");
  afterThis(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, connections };
}

export function read(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
