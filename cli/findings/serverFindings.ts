import { createHash } from "node:crypto";
import type { Answer } from "../server/answer";
import type { StoredServer } from "../stack/state";
import type { Finding } from "./finding";

/** What is wrong on one server that answered, by what its own host program says. */
export function serverFindings(server: string, stored: StoredServer, { missing, inspection }: Answer): Finding[] {
  const finding = (kind: Finding["kind"], message: string, remedy: string): Finding => ({
    kind,
    servers: [server],
    message,
    remedy,
  });
  const reapply = `change "reapply" of ${server}, then run "pulumi up"`;

  const programs = missing.map((program) =>
    finding(
      "missing",
      `it has no ${program}, so its links are measured from their other ends alone`,
      "install iputils-ping",
    ),
  );
  const { hostProgram, planDigest } = stored;
  if (hostProgram === undefined || planDigest === undefined) {
    const step = hostProgram === undefined ? "host" : "mesh";
    return [...programs, finding("missing", `the stack has no record of the step "${step}" here`, 'run "pulumi up"')];
  }
  if (!inspection?.program) {
    return [...programs, finding("missing", "it has no host program that says how it is", reapply)];
  }
  const { program, plan, changes, refusals, warnings } = inspection;
  const refused = refusals.map((sentence) => {
    const at = sentence.lastIndexOf(": ");
    return finding("plan", sentence.slice(0, at), sentence.slice(at + 2));
  });
  const versions = [
    ...(program === sha256(hostProgram) ? [] : [finding("plan", "its host program is not the stack's", reapply)]),
    ...(plan === undefined || plan === planDigest
      ? []
      : [finding("plan", "it has another plan than the stack", reapply)]),
  ];
  return [
    ...programs,
    ...versions,
    ...refused,
    ...changes.map((change) => finding("drift", `it is not as its plan says (an up would say "${change}")`, reapply)),
    ...warnings.map(({ message, remedy }) => finding("warning", message, remedy)),
  ];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
