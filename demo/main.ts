import { parseArgs } from "node:util";
import { demo, demoDown } from "./demo";
import { print } from "./report";

const usage = `npm run demo [-- OPTIONS]   makes a mesh of servers on this machine, and shows that it works
  --servers N   how many, 3 to 10; 3 without this
  --keep        leaves them up, and says how to log in
npm run demo:down           takes down what --keep left up`;

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      servers: { type: "string", default: "3" },
      keep: { type: "boolean", default: false },
      down: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const count = Number(values.servers);
  if (values.help) {
    print(usage);
    return true;
  }
  if (values.down) {
    await demoDown();
    return true;
  }
  if (![3, 4, 5, 6, 7, 8, 9, 10].includes(count)) throw new Error(`--servers takes a number from 3 to 10\n${usage}`);
  return demo(count, values.keep);
}

main().then(
  (good) => {
    process.exitCode = good ? 0 : 1;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
