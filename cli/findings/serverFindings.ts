import type { Answer } from "../server/answer";
import type { StoredServer } from "../stack/state";
import type { Expectation, ExpectedFile } from "./expectation";
import type { Finding } from "./finding";

/** What is wrong on one server that answered. */
export function serverFindings(
  server: string,
  { publicKey }: StoredServer,
  expected: Expectation,
  answer: Answer,
): Finding[] {
  const finding = (kind: Finding["kind"], message: string, remedy: string): Finding => ({
    kind,
    servers: [server],
    message,
    remedy,
  });
  const reapply = `change "reapply" of ${server}, then run "pulumi up"`;

  const steps = expected.missingSteps.map((step) =>
    finding("missing", `the stack has no record of the step "${step}" here`, 'run "pulumi up"'),
  );
  const programs = answer.missing.map((program) =>
    finding(
      "missing",
      `it has no ${program}, so its links are measured from their other ends alone`,
      "install iputils-ping",
    ),
  );
  const files = expected.files.flatMap((file) => {
    const difference = differenceOf(file, answer.files.get(file.section) ?? []);
    return difference ? [finding("file", `${file.path} ${difference}`, reapply)] : [];
  });
  const table =
    expected.interfaces.length > 0 && answer.table !== "loaded"
      ? [finding("file", `the firewall's table is ${answer.table} in the kernel`, reapply)]
      : [];
  const units = expected.units.flatMap((unit) => {
    const state = answer.units.get(unit);
    const remedy = `look at "journalctl -u ${unit}" there, then ${reapply}`;
    if (!state?.running) return [finding("unit", `${unit} does not run`, remedy)];
    return state.enabled ? [] : [finding("unit", `${unit} is not enabled: a reboot ends it`, reapply)];
  });
  const others = [...answer.units].filter(([unit, { running }]) => !running && !expected.units.includes(unit));
  const failed = new Set([...others.map(([unit]) => unit), ...answer.failed]);
  const more = [...failed]
    .filter((unit) => !expected.units.includes(unit))
    .map((unit) => finding("unit", `${unit} does not run`, `look at "journalctl -u ${unit}" there, then ${reapply}`));
  const interfaces = expected.interfaces.flatMap((name) => {
    const running = answer.interfaces.get(name);
    if (!running?.publicKey) {
      const isUp = answer.units.get(`wg-quick@${name}.service`)?.running;
      return isUp ? [finding("unit", `there is no interface ${name}, though its unit is active`, reapply)] : [];
    }
    const same = publicKey === undefined || running.publicKey === publicKey;
    return same ? [] : [finding("key", `${name} runs with another key than the stack's`, reapply)];
  });
  const services = expected.services
    .filter(({ port }) => !listens(answer.listening, port))
    .map(({ name, port }) =>
      finding(
        "service",
        `nobody listens on 127.0.0.1:${port}, for the service ${name}`,
        `start what serves ${name} there`,
      ),
    );
  return [...steps, ...programs, ...files, ...table, ...units, ...more, ...interfaces, ...services];
}

function differenceOf({ section, lines }: ExpectedFile, found: string[]): string | undefined {
  if (found.length === 0) return section === "hosts" ? "has lost the mesh's block" : "is missing";
  const at = Array.from({ length: Math.max(lines.length, found.length) }, (_, line) => line).find(
    (line) => lines[line] !== found[line],
  );
  if (at === undefined) return undefined;
  const differs = "differs from what the stack says";
  if (section === "host.sh") return differs;
  const [here, there] = [found[at], lines[at]];
  if (there === undefined) return `${differs}: line ${at + 1}, "${here}", is not in it`;
  return `${differs}: line ${at + 1} ${here === undefined ? "is missing" : `is "${here}"`} and should be "${there}"`;
}

/** Whether a socket takes what comes to this port of 127.0.0.1. */
function listens(sockets: string[], port: number): boolean {
  return ["127.0.0.1", "0.0.0.0", "*", "[::]"].some((address) => sockets.includes(`${address}:${port}`));
}
