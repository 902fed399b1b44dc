import { cpus, loadavg, release, totalmem } from "node:os";

/** The machine that everything is measured on: operator and servers alike. */
export interface Machine {
  processor: string;
  cores: number;
  memoryGib: number;
  kernel: string;
  node: string;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
}

/** Processes that wanted to run in the last minute, on average. */
export function load(): number {
  return Math.round(loadavg()[0]! * 10) / 10;
}
