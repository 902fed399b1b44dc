import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Loss } from "../lab/servers/pings";
import type { Machine } from "./machine";

/** What is done to a mesh, in this order. */
export const operations = ["first", "idle", "add", "remove", "rebootOne", "rebootAll"] as const;
export type Operation = (typeof operations)[number];

/** One operation by one tool, as often as it was repeated. */
export interface Measurement {
  tool: string;
  size: number;
  operation: Operation;
  runs: Run[];
}

export interface Run {
  seconds: number;
  /** SSH connections to each server of the mesh, on average. */
  connections?: number;
  /** On links that have nothing to do with the operation. */
  loss?: Loss;
}

/** Seconds of `pulumi up` for one mesh of many servers, once. */
export interface Large {
  size: number;
  /** The commit of an older form, beside which this one is measured; none for this one. */
  commit?: string;
  seconds: Partial<Record<Operation, number>>;
  /** Why it went no further. */
  failure?: string;
}

/** An operation by a tool whose operator is so many milliseconds of round trip away from the servers. */
export interface Distance {
  tool: string;
  size: number;
  operation: "first" | "change" | "idle";
  roundTrip: number;
  seconds: number[];
}

/** The program without any server. */
export interface Program {
  size: number;
  resources: number;
  /** Of a process that builds all resources against mocks. */
  mocks: { seconds: number; memoryMib: number };
  /** Of `pulumi preview` of a new stack. */
  preview: number;
}

/** A service of a server, as another server uses it. */
export interface Forwarding {
  network: "veth" | "mesh";
  way: "direct" | "socat" | "nftables";
  megabitsPerSecond: number[];
  connectionsPerSecond: number[];
}

/** A phase of one `pulumi up`, in milliseconds from its start. */
export interface Phase {
  name: string;
  from: number;
  to: number;
}

export interface Profile {
  operation: "first" | "idle";
  size: number;
  total: number;
  /** Of an SSH connection that runs nothing. */
  connection: number;
  phases: Phase[];
  /** What the program spends most of its start on: packages with the time to load their own files. */
  packages: { name: string; milliseconds: number }[];
}

/** When and how busy: the machine's load before a section, without what the section itself adds. */
export interface Section<T> {
  date: string;
  loadBefore: number;
  repeat: number;
  rows: T[];
}

export interface Results {
  machine: Machine;
  deploy?: Section<Measurement>;
  forward?: Section<Forwarding>;
  scale?: Section<Large>;
  distance?: Section<Distance>;
  program?: Section<Program>;
  profile?: Section<Profile>;
}

/** The results of earlier runs in this directory, which a new run replaces section by section. */
export function readResults(directory: string, machine: Machine): Results {
  const file = fileIn(directory);
  const earlier: Results = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { machine };
  return { ...earlier, machine };
}

export function writeResults(directory: string, results: Results): void {
  mkdirSync(directory, { recursive: true });
  const file = fileIn(directory);
  writeFileSync(`${file}.new`, `${JSON.stringify(results, undefined, 1)}\n`);
  renameSync(`${file}.new`, file);
}

function fileIn(directory: string): string {
  return path.join(directory, "benchmarks.json");
}
