import { createHash, generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { FakeVpc } from "../components";

/** An address for documentation, from 198.18.0.0/15. */
export function addressOf(index: number): string {
  return `198.18.0.${index}`;
}

/** What a step prints first: which standard input it got. */
function firstWords(step: string, stdin: unknown): string {
  const text = String(pulumi.runtime.unwrapRpcSecret(stdin));
  return `fakevpc ${step} sha256:${createHash("sha256").update(text).digest("hex")}\n`;
}

/** Builds a mesh of so many servers against mocks; prints how many resources that were, and the memory it took. */
async function main(size: number): Promise<void> {
  let resources = 0;
  await pulumi.runtime.setMocks({
    newResource({ name, inputs }) {
      resources++;
      const step = name.slice(name.lastIndexOf("-") + 1);
      // The secret text that keys are made of, and the first words of a Command.
      return { id: name, state: { ...inputs, result: name.repeat(8), stdout: firstWords(step, inputs.stdin) } };
    },
    call: ({ inputs }) => inputs,
  });
  const { privateKey } = generateKeyPairSync("ed25519");
  const servers = Array.from({ length: size }, (_, at) => [`server${at + 1}`, { address: addressOf(at + 1) }]);
  const mesh = new FakeVpc("mesh", {
    servers: Object.fromEntries(servers),
    ssh: { privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString() },
  });
  await new Promise((resolve) => mesh.servers.apply(resolve));
  process.on("exit", () => {
    const memoryMib = Math.round(process.resourceUsage().maxRSS / 1024);
    process.stdout.write(JSON.stringify({ resources, memoryMib }));
  });
}

if (require.main === module) main(Number(process.argv[2]));
