import assert from "node:assert/strict";
import { ProblemsError } from "../../mesh/problem";
import { checkMesh } from "../../mesh/validate";

export const address = "203.0.113.11";
export const other = { address: "203.0.113.12" };

/** What is wrong with a config, a line each. */
export function problemsOf(config: unknown, unknownPaths: string[] = []): string[] {
  try {
    checkMesh(config, new Set(unknownPaths));
    return [];
  } catch (error) {
    assert.ok(error instanceof ProblemsError, `not a list of problems: ${(error as Error).stack}`);
    assert.equal(error.message.split("\n").length, error.problems.length);
    return error.message.split("\n");
  }
}

export const one = (server: object, rest: object = {}) => ({ servers: { server1: { address, ...server } }, ...rest });
export const two = (first: object, second: object, rest: object = {}) => ({
  servers: { server1: { address, ...first }, server2: { ...other, ...second } },
  ...rest,
});
export const service = (...services: object[]) =>
  two({}, {}, { services: Object.fromEntries(services.map((each, at) => [`s${at}`, each])) });
