import type { LabServer } from "../lab/servers/server";

/** What became of a stream of packets: ten milliseconds lie between one and the next. */
export interface Loss {
  sent: number;
  lost: number;
  /** The longest time without an answer, in milliseconds. */
  dark: number;
}

const interval = 10;
const mark = `-n -i 0.0${interval}`; // also what tells these pings from others

/** Servers that ping each other all the time, while something else happens to the mesh. */
export class LossWatch {
  private constructor(
    private readonly from: LabServer[],
    private readonly outputs: Promise<string>[],
  ) {}

  static start(pairs: [LabServer, LabServer][]): LossWatch {
    const outputs = pairs.map(async ([from, to]) => {
      const ping = ["sh", "-c", `exec ping ${mark} ${to.name}.vpcdomain 2>/dev/null`];
      return (await from.exec(ping, { allowFailure: true })).stdout;
    });
    return new LossWatch([...new Set(pairs.map(([from]) => from))], outputs);
  }

  /** Ends the pings and returns what all of them saw together. */
  async stop(): Promise<Loss> {
    for (const server of this.from) {
      await server.exec(["pkill", "-INT", "-f", `^ping ${mark}`], { allowFailure: true });
    }
    const seen = (await Promise.all(this.outputs)).map(lossIn);
    return {
      sent: seen.reduce((sum, { sent }) => sum + sent, 0),
      lost: seen.reduce((sum, { lost }) => sum + lost, 0),
      dark: Math.max(0, ...seen.map(({ dark }) => dark)),
    };
  }
}

/** Reads the output of one ping. The last packet may still have been on its way, so it counts only if it was answered. */
export function lossIn(output: string): Loss {
  const transmitted = Number(/^(\d+) packets transmitted/m.exec(output)?.[1] ?? 0);
  const answered = new Set<number>();
  let round = 0;
  let previous = 0;
  for (const [, text] of output.matchAll(/bytes from .*icmp_seq=(\d+)/g)) {
    const sequence = Number(text);
    if (sequence < previous - 0x8000) round += 0x10000; // the number has 16 bits
    previous = sequence;
    answered.add(round + sequence);
  }
  const sent = answered.has(transmitted) ? transmitted : Math.max(0, transmitted - 1);
  let gap = 0;
  let longest = 0;
  for (let sequence = 1; sequence <= sent; sequence++) {
    gap = answered.has(sequence) ? 0 : gap + 1;
    longest = Math.max(longest, gap);
  }
  return { sent, lost: sent - [...answered].filter((sequence) => sequence <= sent).length, dark: longest * interval };
}
