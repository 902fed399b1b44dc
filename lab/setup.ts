import { prepare } from "./prepare";

/** Before the tests, so that what takes minutes on a new machine is seen, and counts against no test. */
async function setUp(): Promise<void> {
  const suites = ["bookworm", "trixie"] as const;
  await prepare(
    suites.map((suite) => ({ suite, packages: true })),
    (line) => process.stdout.write(`fakevpc: ${line}\n`),
  );
}

setUp().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
