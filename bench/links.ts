import type { LabServer } from "../lab/servers/server";

/** Every pair of servers once, the one with the higher index first: it dials. */
export function linksOf(servers: LabServer[]): [LabServer, LabServer][] {
  return servers.flatMap((from, at) => servers.slice(0, at).map((to): [LabServer, LabServer] => [from, to]));
}

/**
 * Throws unless every server answers every other by its name, itself too. Where a listener restarted, WireGuard alone
 * takes up to two minutes.
 */
export async function checkMesh(servers: LabServer[]): Promise<void> {
  const names = servers.map(({ name }) => `${name}.vpcdomain`).join(" ");
  const check = `for name in ${names}; do ping -q -c 1 -w 150 -i 0.5 $name >/dev/null || echo $name; done`;
  const silent = await Promise.all(
    servers.map(async (from) => {
      const { stdout } = await from.exec(["sh", "-c", check]);
      return stdout.split("\n").flatMap((to) => (to ? [`${from.name} to ${to}`] : []));
    }),
  );
  if (silent.flat().length > 0) throw new Error(`no answer from ${silent.flat().join(", ")}`);
}

/** The time (of this machine's clock, in ms) at which the last of these links has answered. */
export async function answeredAt(links: [LabServer, LabServer][]): Promise<number> {
  const times = await Promise.all(
    links.map(async ([from, to]) => {
      const attempt = `until ping -q -c 1 -W 0.3 ${to.name}.vpcdomain >/dev/null 2>&1; do sleep 0.05; done; date +%s%3N`;
      return Number((await from.exec(["timeout", "300", "sh", "-c", attempt])).stdout);
    }),
  );
  return Math.max(...times);
}
