import type { Login } from "../../mesh/login";
import type { StoredServer } from "../stack/state";
import type { Direction } from "./directions";
import { type Finding, listed } from "./finding";

const remedies: [RegExp, (login: Login) => string][] = [
  [
    /timed out|no answer within|No route/i,
    ({ port }) => `is it switched on, and do firewalls let TCP port ${port} in?`,
  ],
  [/refused/i, ({ port }) => `does sshd listen on port ${port}?`],
  [/permission denied/i, ({ user }) => `let the key in for ${user}, or give another by --identity FILE`],
  [/host key|identification/i, () => "it is another machine, or rebuilt: if you know why, set its new hostKey"],
  [/resolve/i, ({ host }) => `does the name ${host} exist?`],
];

/** A server that did not answer, with what its peers see of it: who is off looks different from who is locked. */
export function unreachable(
  name: string,
  { login }: Pick<StoredServer, "login">,
  error: string,
  seenBy: Direction[],
): Finding {
  const [reaching, missing] = [true, false].map((wanted) =>
    seenBy.filter(({ ping }) => ping && ping.received > 0 === wanted).map(({ from }) => from),
  ) as [string[], string[]];
  const overMesh = [
    ...(reaching.length > 0 ? [`${listed(reaching)} can reach it over the mesh`] : []),
    ...(missing.length > 0 ? [`${listed(missing)} cannot reach it over the mesh`] : []),
  ];
  const said = error.replace(/^(ssh: |fakevpc: )/, "");
  return {
    kind: "ssh",
    servers: [name],
    message: [`unreachable by SSH (${said})`, ...overMesh].join("; "),
    remedy: remedies.find(([pattern]) => pattern.test(error))?.[1](login) ?? "try the same by ssh yourself",
  };
}
