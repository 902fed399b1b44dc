import { randomUUID } from "node:crypto";
import type { EnvironmentContext, JestEnvironmentConfig } from "@jest/environment";
import { TestEnvironment } from "jest-environment-node";
import { endMarked } from "../lab/process";

const variable = "FAKEVPC_TEST_FILE";

/** Where a file's tests run. What they started, and left running, ends with them. */
export default class EndingEnvironment extends TestEnvironment {
  private readonly mark = randomUUID();

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    super(config, context);
    this.global.process.env[variable] = this.mark;
    process.env[variable] = this.mark; // the one that a child gets where a test names no environment
  }

  override async teardown(): Promise<void> {
    endMarked(variable, this.mark);
    await super.teardown();
  }
}
