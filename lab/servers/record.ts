import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Suite } from "./image";

/** What a lab writes down of each server, for a later process that attaches to it. */
export interface ServerRecord {
  name: string;
  slot: number;
  suite: Suite;
  nat: boolean;
  packages: boolean;
  containers?: boolean;
  authorizedKey?: string;
  /** Counts the disks the server has had. */
  generation: number;
  wanAddress?: string;
}

export interface LabRecord {
  servers: ServerRecord[];
  newestSlot: number;
}

export function readRecord(directory: string): LabRecord {
  return JSON.parse(readFileSync(path.join(directory, "lab.json"), "utf8")) as LabRecord;
}

export function writeRecord(directory: string, record: LabRecord): void {
  const file = path.join(directory, "lab.json");
  writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}
