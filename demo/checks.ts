import type { Result, RunOptions } from "../lab/process";
import type { Lab } from "../lab/servers/lab";

/** One thing that was tried, and how it went. */
export interface Check {
  answer: string;
  good: boolean;
}

/** A server that commands can be run on. */
interface Runnable {
  name: string;
  exec(argv: string[], options?: RunOptions): Promise<Result>;
}

const domain = "vpcdomain";

/** Every server pings every server by name, itself too: a row for each, in milliseconds. */
export async function pings(servers: Runnable[]): Promise<Check[][]> {
  const rows: Check[][] = [];
  for (const from of servers) rows.push(await Promise.all(servers.map((to) => ping(from, to.name))));
  return rows;
}

/** The first answer is waited for, as its packet may wait for a handshake; the round trip is that of a later one. */
async function ping(from: Runnable, to: string): Promise<Check> {
  const name = `${to}.${domain}`;
  const { stdout } = await from.exec(["sh", "-c", `ping -c 1 -w 15 ${name} && ping -c 3 -i 0.2 -W 2 ${name}`], {
    allowFailure: true,
  });
  const trip = [...stdout.matchAll(/ time=([\d.]+) ms/g)].at(-1)?.[1];
  return trip ? { answer: Number(trip).toFixed(2), good: true } : { answer: "no answer", good: false };
}

/** What a person at a server would type to try the echo service. */
export function echoCommand(server: string, port: number): string {
  return `echo 123 | nc -N ${server}.${domain} ${port}`;
}

/** Asks again for some seconds, as a forwarder begins a moment after its service. */
export async function echo(from: Runnable, server: string, port: number): Promise<Check> {
  const ask = `for try in 1 2 3 4 5; do ${echoCommand(server, port)} && exit; sleep 1; done`;
  const { stdout } = await from.exec(["sh", "-c", ask], { allowFailure: true, timeout: 15_000 });
  const answer = stdout.trim();
  return { answer: answer || "no answer", good: answer === "123" };
}

/** The same port at the server's public address, asked from a machine that is no member of the mesh. */
export async function echoFromOutside(lab: Lab, address: string, port: number): Promise<Check> {
  const connect = ["timeout", "5", "bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`];
  const { code, stderr } = await lab.run(connect, { allowFailure: true });
  const refused = stderr.includes("Connection refused");
  return { answer: refused ? "refused" : code === 0 ? "answered" : "silence", good: refused };
}
