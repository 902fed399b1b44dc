import { parseArgs } from "node:util";
import { demo, demoDown, demoShell, keptDirectory } from "./demo";
import { print } from "./report";

const usage = `npm run demo [-- OPTIONS]   makes a mesh of servers on this machine, and shows that it works
  --servers N   how many, 3 to 10; 3 without this
  --keep        leaves them up, and says how to log in
npm run demo:shell          a shell for Pulumi and fakevpc on what --keep left up
npm run demo:down           takes down what --keep left up
  --directory D  where their lab is; default: in the cache`;

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      servers: { type: "string", default: "3" },
      keep: { type: "boolean", default: false },
      down: { type: "boolean", default: false },
      shell: { type: "boolean", default: false },
      directory: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const count = Number(values.servers);
  if (values.help) {
    print(usage);
    return true;
  }
  const directory = values.directory ?? keptDirectory();
  if (values.down || values.shell) {
    await (values.down ? demoDown(directory) : demoShell(directory));
    return true;
  }
  if (![3, 4, 5, 6, 7, 8, 9, 10].includes(count)) throw new Error(`--servers takes a number from 3 to 10\n${usage}`);
  return demo(count, values.keep ? directory : undefined);
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
