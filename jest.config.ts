import type { Config } from "jest";

const project = (name: string): NonNullable<Config["projects"]>[number] => ({
  displayName: name,
  testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  testEnvironment: "<rootDir>/tests/environment.ts",
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  modulePathIgnorePatterns: ["<rootDir>/(dist|examples|plugin|policies)/"],
});

const config: Config = {
  projects: ["unit", "program", "lab", "vms"].map(project),
  maxWorkers: 2,
  // Milliseconds. A test of servers waits by limits of its own, which say what did not come; this one is for what hangs.
  testTimeout: 1_200_000,
};

export default config;
