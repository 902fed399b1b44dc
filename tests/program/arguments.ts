import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { FakeVpc, type FakeVpcArgs } from "../../components";
import { hostKey, sshKey } from "../sshKeys";
import { runProgram } from "./mocks";

export const address = "203.0.113.11";
export const server1 = { address, hostKey };
// biome-ignore lint/suspicious/noExplicitAny: arguments as languages without types pass them
export const args = (more: Record<string, unknown> = {}): any => ({
  servers: { server1 },
  ssh: { privateKey: sshKey },
  ...more,
});

/** What is said of wrong arguments, a line each, before any resource is registered. */
export async function problemsOf(given: unknown): Promise<string[]> {
  let lines: string[] = [];
  const { resources } = await runProgram(() => {
    try {
      new FakeVpc("mesh", given as FakeVpcArgs);
    } catch (error) {
      assert.ok(error instanceof pulumi.InputPropertiesError, `not a list of problems: ${(error as Error).stack}`);
      lines = error.message.split("\n").slice(1);
      assert.equal(lines.length, error.errors!.length);
    }
  });
  if (lines.length > 0) assert.equal(resources.size, 0);
  return lines;
}
