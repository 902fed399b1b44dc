import type { LabServer } from "../../lab/servers/server";
import { answeredAt, linksOf } from "../links";
import { LossWatch } from "../loss";
import type { Run } from "../results";

/** Seconds from power-on until all links of one server answer: one that both listens and dials. */
export async function rebootOne(servers: LabServer[]): Promise<Run> {
  const rebooted = servers[servers.length >> 1]!;
  const others = servers.filter((server) => server !== rebooted);
  const watch = LossWatch.start(linksOf(others).slice(-1));
  await rebooted.off({ hard: true });
  const start = Date.now();
  const answered = answeredAt(others.map((from) => [from, rebooted]));
  await rebooted.on();
  const seconds = ((await answered) - start) / 1000;
  return { seconds, loss: await watch.stop() };
}

/** Seconds from power-on until all links answer, when the whole mesh was without power. */
export async function rebootAll(servers: LabServer[]): Promise<Run> {
  await Promise.all(servers.map((server) => server.off({ hard: true })));
  const start = Date.now();
  await Promise.all(servers.map((server) => server.on()));
  return { seconds: ((await answeredAt(linksOf(servers))) - start) / 1000 };
}
