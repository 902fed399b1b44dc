import { type Loss, lossIn, pingProgram } from "../lab/servers/pings";
import type { LabServer } from "../lab/servers/server";

/** Servers that ping each other all the time, while something else happens to the mesh. */
export class LossWatch {
  private constructor(
    private readonly from: LabServer[],
    private readonly outputs: Promise<string>[],
  ) {}

  static start(pairs: [LabServer, LabServer][]): LossWatch {
    const outputs = pairs.map(async ([from, to]) => {
      const pings = ["python3", "-", `${to.name}.vpcdomain`];
      return (await from.exec(pings, { input: pingProgram, allowFailure: true })).stdout;
    });
    return new LossWatch([...new Set(pairs.map(([from]) => from))], outputs);
  }

  /** Ends the pings and returns what all of them saw together. */
  async stop(): Promise<Loss> {
    for (const server of this.from) {
      await server.exec(["pkill", "-INT", "-f", "^python3 - .*[.]vpcdomain$"], { allowFailure: true });
    }
    const seen = (await Promise.all(this.outputs)).map((output) => lossIn(output, 1));
    return {
      sent: seen.reduce((sum, { sent }) => sum + sent, 0),
      lost: seen.reduce((sum, { lost }) => sum + lost, 0),
      dark: Math.max(0, ...seen.map(({ dark }) => dark)),
    };
  }
}
