import * as path from "node:path";
import { run } from "../process";
import { install } from "./install";
import type { Source } from "./source";

/** A copy that somebody prepared: a directory with a program "install DIRECTORY". */
export function fromToolchain(directory: string): Source {
  return {
    found: "installed from FAKEVPC_TOOLCHAIN",
    async find() {
      const toolchain = process.env.FAKEVPC_TOOLCHAIN;
      if (!toolchain) throw new Error("FAKEVPC_TOOLCHAIN is not set");
      if (process.platform !== "linux" || process.arch !== "x64") {
        throw new Error("FAKEVPC_TOOLCHAIN is for linux on amd64 only");
      }
      return install(directory, async (beside) => {
        await run([path.join(toolchain, "install"), beside]);
      });
    },
  };
}
