import { type Login, loginOf } from "../../mesh/login";
import type { Mesh } from "../../mesh/mesh";
import { clockFindings } from "../findings/clocks";
import type { Finding } from "../findings/finding";
import { unreachable } from "../findings/unreachable";
import { KeptConnections } from "../server/keptConnections";
import { SshFiles } from "../server/sshFiles";
import { Turns } from "../server/turns";
import type { Way } from "../server/way";
import { configuredMesh } from "../stack/config";
import { familyFindings } from "./families";
import { sizeFindings } from "./largest";
import { type Note, notesOn } from "./notes";
import { relayedPairs } from "./relayed";
import { ask } from "./remote";
import { type CheckedPair, renderCheck } from "./report";
import { serverFindings } from "./serverFindings";
import { parseSurvey, type Survey } from "./survey";
import { type TriedPair, tryPairs } from "./tryPairs";
import { stateOf, wayFindings } from "./ways";

export interface CheckOptions {
  stack?: string;
  identity?: string;
  json: boolean;
}

/** What `fakevpc check` found. */
export interface CheckReport {
  /** By index. */
  servers: string[];
  pairs: CheckedPair[];
  findings: Finding[];
  notes: Note[];
}

/** `fakevpc check`: whether these servers can become a mesh. Nothing on them is changed; 0 only if all is well. */
export async function check({ stack, identity, json }: CheckOptions): Promise<number> {
  const { mesh, config } = configuredMesh(stack);
  const logins = mesh.servers.map(({ name }) => [name, { login: loginOf(config.servers[name]!, config.ssh) }] as const);
  const servers = Object.fromEntries(logins);
  const way = new KeptConnections(new SshFiles({ servers }, identity), Object.keys(servers), new Turns());
  try {
    const report = await examine(mesh, servers, way);
    const { isTTY, columns } = process.stdout;
    const screen = { width: columns ?? 160, colours: isTTY === true && !process.env.NO_COLOR };
    process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : renderCheck(report, screen));
    return report.findings.length === 0 ? 0 : 1;
  } finally {
    way.close();
  }
}

type Logins = Record<string, { login: Login }>;

async function examine(mesh: Mesh, logins: Logins, way: Way): Promise<CheckReport> {
  const surveys = new Map<string, Survey>();
  const offsets = new Map<string, number>();
  const silent: Finding[] = [];
  const asked = mesh.servers.map(async ({ name }) => {
    const answer = await ask(way, name, { file: "survey.sh", argv: [mesh.prefix], asRoot: false });
    const survey = parseSurvey(answer.stdout);
    if (!survey) silent.push(silence(name, logins[name]!, answer.error));
    else {
      surveys.set(name, survey);
      offsets.set(name, survey.time - answer.firstWord);
    }
  });
  await Promise.all(asked);
  const answering = mesh.servers.filter(({ name }) => surveys.has(name));
  const ordered = new Map(answering.map(({ name }) => [name, surveys.get(name)!]));
  const pairs = await tryPairs(mesh, ordered, way);
  return reportOf(mesh, logins, ordered, pairs, [...silent, ...clockFindings(offsets)]);
}

function reportOf(
  mesh: Mesh,
  logins: Logins,
  surveys: Map<string, Survey>,
  pairs: TriedPair[],
  findings: Finding[],
): CheckReport {
  const answering = mesh.servers.filter(({ name }) => surveys.has(name));
  const checked = pairs.map((pair) => ({ ...pair, state: stateOf(pair, mesh, surveys) }));
  const of = <T>(judge: (server: Mesh["servers"][number], survey: Survey) => T[]) =>
    answering.flatMap((server) => judge(server, surveys.get(server.name)!));
  return {
    servers: mesh.servers.map(({ name }) => name),
    pairs: [...checked, ...relayedPairs(mesh, checked)],
    findings: [
      ...findings,
      ...of((server, survey) => serverFindings(server, survey, logins[server.name]!.login, mesh)),
      ...wayFindings(pairs, mesh, surveys),
      ...familyFindings(pairs, surveys),
      ...sizeFindings(pairs, mesh, surveys),
    ],
    notes: of((server, survey) => notesOn(server, survey, mesh)),
  };
}

/** A login that lets somebody in and then does nothing looks to ssh like a connection that ended. */
function silence(name: string, { login }: Logins[string], error: string): Finding {
  if (!/connection ended|login says nothing|answer broke off/.test(error)) {
    return unreachable(name, { login }, error, []);
  }
  return {
    kind: "ssh",
    servers: [name],
    message: `SSH lets ${login.user} in, but the login runs no command (${error})`,
    remedy: `look for a forced command in authorized_keys or sshd_config there, and at the login shell of ${login.user}`,
  };
}
