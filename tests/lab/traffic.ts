import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { packageFile } from "../../components/packageFile";
import { lossIn, type Pings, pingProgram } from "../../lab/servers/pings";
import { waitUntil } from "../../lab/wait";
import type { TestMesh } from "./support";

/** Packets at the very end that may still have been on their way. */
const underWay = 100;
const echoPort = 7007;
const streamProgram = readFileSync(packageFile("tests/lab/stream.py"), "utf8");

/** What one link carried while something else happened. */
export interface LinkTraffic extends Pings {
  /** As "from to". */
  link: string;
  /** "whole", or what became of the TCP stream. */
  stream: string;
}

/** All pairs of these servers, each once. */
function linksOf(names: string[]): [string, string][] {
  return names.flatMap((from, at) => names.slice(at + 1).map((to): [string, string] => [from, to]));
}

/** Keeps a ping every 10 ms and a paced TCP stream on every pair of these servers while the action runs. */
export async function trafficDuring(
  mesh: TestMesh,
  names: string[],
  action: () => Promise<unknown>,
): Promise<LinkTraffic[]> {
  const links = linksOf(names);
  try {
    await start(mesh, names, links);
    await action();
    await sleep(500); // what the action's last moment lost would otherwise pass for being on its way
  } finally {
    await Promise.all(names.map((name) => mesh.on(name, "systemctl stop 'traffic-ping-*' 'traffic-stream-*'")));
    await Promise.all(names.map((name) => mesh.on(name, "systemctl stop traffic-echo")));
  }
  return Promise.all(links.map(([from, to]) => read(mesh, from, to)));
}

/** The links that lost anything, in words; none where all is well. */
export function disturbed(traffic: LinkTraffic[]): string[] {
  return traffic
    .filter(({ sent, lost, stream }) => sent < 20 || lost > 0 || stream !== "whole")
    .map(
      ({ link, sent, lost, gaps, stream }) => `${link}: ${lost} of ${sent} packets lost (${gaps}), stream ${stream}`,
    );
}

async function start(mesh: TestMesh, names: string[], links: [string, string][]): Promise<void> {
  const unit = "systemd-run --quiet --collect --unit=traffic-";
  const echo = `${unit}echo socat TCP4-LISTEN:${echoPort},fork,reuseaddr PIPE`;
  await Promise.all(
    names.map(async (name) => {
      await mesh.on(name, `rm -rf /run/traffic; mkdir /run/traffic; ${echo}`);
      for (const [file, input] of Object.entries({ pings: pingProgram, stream: streamProgram })) {
        await mesh.lab.server(name).exec(["sh", "-c", `cat > /run/traffic/${file}.py`], { input });
      }
    }),
  );
  const into = (file: string) =>
    `-p StandardOutput=file:/run/traffic/${file} -p StandardError=file:/run/traffic/${file}`;
  await Promise.all(
    names.map((name) => {
      const commands = links
        .filter(([from]) => from === name)
        .flatMap(([, to]) => [
          `${unit}ping-${to} ${into(`ping-${to}`)} python3 /run/traffic/pings.py ${to}`,
          `${unit}stream-${to} ${into(`stream-${to}`)} python3 /run/traffic/stream.py ${to} ${echoPort}`,
        ]);
      return mesh.on(name, ["true", ...commands].join(" && "));
    }),
  );
  await sleep(300); // some packets before the action tell a link that was silent all the time
}

async function read(mesh: TestMesh, from: string, to: string): Promise<LinkTraffic> {
  const [ping, stream] = await Promise.all(
    ["ping", "stream"].map((kind) => mesh.on(from, `cat /run/traffic/${kind}-${to}`)),
  );
  const whole = /^whole after \d+ lines$/.test(stream!);
  return { link: `${from} ${to}`, ...lossIn(ping!, underWay), stream: whole ? "whole" : stream! };
}

/** The mesh's interfaces on each server, with the kernel's number of each: a restart gives it another. */
export async function interfacesOf(
  mesh: TestMesh,
  names: string[],
  prefix = "vpc",
): Promise<Record<string, Record<string, string>>> {
  const list = `cd /sys/class/net; for name in ${prefix}*; do echo $name $(cat $name/ifindex); done`;
  const all = names.map(async (name) => {
    const lines = (await mesh.on(name, list)).split("\n");
    return [name, Object.fromEntries(lines.map((line) => line.split(" ")))] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** The interfaces that were there before and are not, or were restarted since, as "server interface". */
export async function restartedSince(
  mesh: TestMesh,
  before: Record<string, Record<string, string>>,
  prefix = "vpc",
): Promise<string[]> {
  const now = await interfacesOf(mesh, Object.keys(before), prefix);
  return Object.entries(before).flatMap(([name, old]) =>
    Object.keys(old)
      .filter((each) => now[name]![each] !== old[each])
      .map((each) => `${name} ${each}`),
  );
}

/** Who a service sees, that listens on a server's stable address, when another server connects to it. */
export async function seenAs(
  mesh: TestMesh,
  from: string,
  to: string,
  address: (name: string) => string,
): Promise<string> {
  const family = address(to).includes(":") ? "6" : "4";
  const bound = family === "6" ? `[${address(to)}]` : address(to);
  const unit = `seen${family}-${from}`;
  await mesh.on(
    to,
    `systemctl stop ${unit} 2> /dev/null; systemd-run --quiet --collect --unit=${unit} socat TCP${family}-LISTEN:4444,bind=${bound},fork,reuseaddr 'SYSTEM:echo $SOCAT_PEERADDR'`,
  );
  await waitUntil(async () => (await mesh.on(to, "ss -Hltn 'sport = 4444'")) !== "", 20, "the service");
  const seen = await mesh.on(from, `nc -w 5 ${address(to)} 4444 < /dev/null`, { allowFailure: true });
  await mesh.on(to, `systemctl stop ${unit}`);
  return seen;
}
