import type { MeshReport } from "../../cli/findings/examine";
import { packageFile } from "../../components/packageFile";
import { waitUntil } from "../../lab/wait";
import { addressSeen } from "../../mesh/addresses";
import { stableAddress } from "../../mesh/network";
import type { Member, World } from "./world";

/** What was asked of a mesh, and how often. */
export interface Tally {
  pairs: number;
  knocks: number;
}

/** Throws where the mesh is not as its config says, by what its servers do. */
export async function hold(world: World): Promise<Tally> {
  const pairs = await everyPairAnswers(world);
  const knocks = await nobodyElseGetsIn(world);
  await servicesAnswer(world);
  await statusSays(world, []);
  await world.mesh.preview({ args: ["--expect-no-changes"] });
  return { pairs, knocks };
}

async function everyPairAnswers(world: World): Promise<number> {
  let silent: string[] = [];
  const allAnswer = async () => {
    silent = await silentPairs(world);
    return silent.length === 0;
  };
  await waitUntil(allAnswer, 180, "answers").catch((error: Error) => {
    throw new Error(`${error.message}: silent: ${silent.join(", ")}`);
  });
  return world.members.length ** 2;
}

export async function silentPairs(world: World): Promise<string[]> {
  const { members } = world;
  const pairs = members.flatMap((from) => members.map((to) => [from, to] as const));
  const answers = await Promise.all(
    pairs.map(async ([from, to]) => {
      const places = [`${to.name}.${world.domain}`, ...stableOf(to, world)];
      const asked = places.map((place) => `ping -q -c 1 -W 2 ${place}`).join(" && ");
      return (await from.server.exec(["sh", "-c", asked], { allowFailure: true })).code === 0;
    }),
  );
  return pairs.filter((_, at) => !answers[at]).map(([from, to]) => `${from.name} → ${to.name}`);
}

function indexIn(world: World, member: Member): number {
  return world.indexes[world.members.indexOf(member)]!;
}

/** The one address that a member has for everybody, where the mesh has such. */
function stableOf(member: Member, world: World): string[] {
  const { network } = world.mesh.config;
  return network ? [stableAddress(String(network), indexIn(world, member))] : [];
}

/** The addresses of a member in the mesh. */
function addressesOf(member: Member, world: World): string[] {
  const offset = Number(world.mesh.config.ifaceIpOffset ?? 1);
  const own = indexIn(world, member);
  const others = world.indexes.filter((index) => index !== own);
  return [...new Set(others.map((other) => addressSeen(offset, own, other))), ...stableOf(member, world)];
}

/** A neighbour that routes the mesh's addresses to each server's own, and one that has left the mesh, get no answer. */
async function nobodyElseGetsIn(world: World): Promise<number> {
  let knocks = 0;
  for (const outsider of world.outsiders.filter(({ nat }) => !nat)) {
    for (const member of world.members.filter(({ server }) => !server.nat)) {
      for (const address of addressesOf(member, world)) {
        knocks += 1;
        const knock = `ip route replace ${address} via ${member.server.address}
          if ping -q -c 1 -W 1 ${address}; then code=1; else code=0; fi
          ip route delete ${address}
          exit $code`;
        const { code } = await outsider.exec(["sh", "-c", knock], { allowFailure: true });
        if (code !== 0) throw new Error(`${outsider.name} got in: ${address} of ${member.name} answered it`);
      }
    }
  }
  return knocks;
}

interface Service {
  server: string;
  port: number;
}

/** Each service answers each other member by name, once it listens on 127.0.0.1, or on every address itself. */
async function servicesAnswer(world: World): Promise<void> {
  const services = Object.entries((world.mesh.config.services ?? {}) as Record<string, Service>);
  for (const [name, { server, port }] of services) {
    const home = world.members.find((member) => member.name === server)!;
    const listen = `systemctl is-active --quiet ${name} || systemd-run --quiet --collect --unit=${name} socat TCP4-LISTEN:${port},bind=${world.listensAt.get(name)},fork,reuseaddr EXEC:cat`;
    await home.server.exec(["sh", "-c", listen]);
    for (const from of world.members.filter((member) => member !== home)) {
      const ask = `echo soak | timeout 10 socat -t 5 - TCP4:${server}.${world.domain}:${port},connect-timeout=5`;
      const answers = async () =>
        (await from.server.exec(["sh", "-c", ask], { allowFailure: true })).stdout.trim() === "soak";
      await waitUntil(answers, 60, `${name} of ${server} answering ${from.name}`);
    }
  }
}

/** `fakevpc status` finds fault with these servers, and with no other. */
export async function statusSays(world: World, wrong: string[]): Promise<void> {
  let said = "";
  const agrees = async () => {
    const argv = [process.execPath, packageFile("dist/cli/main.js"), "status", "--json", "--stack", "test"];
    const { code, stdout, stderr } = await world.mesh.stack.run(argv, { allowFailure: true, timeout: 120_000 });
    said = stdout + stderr;
    if (wrong.length === 0) return code === 0;
    const reports = JSON.parse(stdout) as MeshReport | MeshReport[];
    const found = [reports].flat().flatMap(({ findings }) => findings.flatMap(({ servers }) => servers));
    return code !== 0 && wrong.every((name) => found.includes(name));
  };
  await waitUntil(agrees, 60, "status that agrees").catch((error: Error) => {
    throw new Error(`${error.message}; it says: ${said}`);
  });
}
