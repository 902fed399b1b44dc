import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "@jest/globals";
import { writeDocument } from "../../bench/document/document";
import { apart, drawLines, ticksAround } from "../../bench/document/lines";
import { figure, table } from "../../bench/document/table";
import type { Event } from "../../bench/probe";
import { type Measurement, operations, type Results } from "../../bench/results";
import { analyse } from "../../bench/sections/profile";
import { growth, median } from "../../bench/statistics";
import { packageFile } from "../../components/packageFile";
import { run } from "../../lab/process";
import { afterThis } from "../after";

test("the median is in the middle, whatever the order", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 1, 2, 4]), 3);
  assert.throws(() => median([]), /nothing was measured/);
});

test("growth is the power of the size", () => {
  const of = (f: (size: number) => number) => growth([3, 5, 10].map((size) => ({ size, value: f(size) })))!;
  assert.ok(Math.abs(of((size) => 7 * size ** 2) - 2) < 1e-9);
  assert.ok(Math.abs(of(() => 4)) < 1e-9);
  assert.equal(growth([{ size: 3, value: 1 }]), undefined);
});

test("ticks enclose all values", () => {
  assert.deepEqual(ticksAround([3, 40]), [2, 5, 10, 20, 50]);
  assert.deepEqual(ticksAround([5]), [5, 10]);
  assert.deepEqual(ticksAround([0.3]), [0.2, 0.5]);
});

test("labels keep apart, in their order", () => {
  assert.deepEqual(apart([10, 12, 100]), [10, 24, 100]);
  assert.deepEqual(apart([12, 10, 11]), [38, 10, 24]);
});

test("a plot has every series and no number that is none", () => {
  const series = [
    {
      name: "fast & small",
      points: [
        { x: 3, y: 2.5 },
        { x: 10, y: 6 },
      ],
    },
    { name: "slow", points: [{ x: 3, y: 80 }] },
  ];
  const drawing = drawLines("Seconds", "seconds", [
    { title: "First", series },
    { title: "One size", series: [series[1]!] },
  ]);
  assert.doesNotMatch(drawing, /NaN|Infinity|undefined/);
  assert.match(drawing, />fast &amp; small</);
  assert.equal(drawing.match(/<circle/g)?.length, 4);
  assert.match(drawing, /prefers-color-scheme: dark/);
});

test("tables align figures to the right", () => {
  assert.equal(table(["", "s"], [["a", "1"]]), "|  | s |\n| --- | ---: |\n| a | 1 |");
  assert.deepEqual([1.234, 12.34, 123.4, undefined].map(figure), ["1.23", "12.3", "123", "–"]);
});

const events: Event[] = [
  { pid: 1, at: 1400, event: "start", text: "/x/node_modules/@pulumi/pulumi/cmd/run/index.js" },
  { pid: 1, at: 2000, event: "loaded", packages: { zod: 80.4, small: 3 } },
  { pid: 2, at: 2100, event: "start", text: "/x/dist/lab/providers/command.js" },
  { pid: 2, at: 2200, event: "loaded" },
  { pid: 2, at: 2300, event: "ssh", text: "sh -c '…' fakevpc host vpc server1", child: 7 },
  {
    pid: 2,
    at: 2400,
    event: "ssh",
    text: "sh -c '…' /var/lib/fakevpc/vpc/host.sh apply vpc server2 1b38917d",
    child: 8,
  },
  { pid: 2, at: 2900, event: "ssh-end", child: 8 },
  { pid: 2, at: 2800, event: "ssh-end", child: 7 },
  { pid: 1, at: 3000, event: "exit" },
  { pid: 2, at: 3050, event: "exit" },
];

test("a profile is read from the lines of all processes", () => {
  assert.deepEqual(analyse(events, 1000, 2100), {
    phases: [
      { name: "the engine starts", from: 0, to: 400 },
      { name: "the program starts", from: 400, to: 1000 },
      { name: "the provider command starts", from: 1100, to: 1200 },
      { name: "server1 host", from: 1300, to: 1800 },
      { name: "server2 mesh", from: 1400, to: 1900 },
      { name: "the engine ends", from: 2050, to: 2100 },
    ],
    packages: [{ name: "zod", milliseconds: 80 }],
  });
});

test("the document shows what was measured, and its plots are there", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-document-"));
  afterThis(() => rmSync(directory, { recursive: true }));
  writeDocument(directory, sample());
  const text = readFileSync(path.join(directory, "benchmarks.md"), "utf8");
  const plots = [...text.matchAll(/!\[.*?\]\((.*?)\)/g)].map(([, file]) => file!);
  assert.equal(plots.length, 3);
  for (const plot of plots) assert.ok(existsSync(path.join(directory, plot)), plot);
  assert.match(text, /\| First deployment, N = 3 \| 2.00 \| 20.0 \| 60.0 \| 10.0× \| 30.0× \|/);
  assert.match(text, /\| N = 20, the older form \(0123abc\) \| 18.0 \| – \| – \| – \|/);
  assert.match(text, /\| First deployment, fakevpc \| 3.00 \| 3.50 \| 4.00 \| 10 \|/);
  assert.match(text, /\| Nothing to do, fakevpc \| 2.00 \| 1.95 \| 1.90 \| 0 \|/);
  assert.match(text, /\| Adding a server, N = 3 \| 0 of 100 \| 0 of 100 \| 50 of 100 \(0.5 s\) \|/);
  assert.doesNotMatch(text, /NaN|undefined/);
});

function sample(): Results {
  const seconds: Record<string, number> = { fakevpc: 2, parallel: 20, serial: 60 };
  const rows = Object.keys(seconds).flatMap((tool) =>
    operations.map((operation): Measurement => {
      const loss = { sent: 100, lost: tool === "serial" ? 50 : 0, dark: tool === "serial" ? 500 : 0 };
      const run = { seconds: seconds[tool]!, connections: 1, ...(operation !== "first" && { loss }) };
      return { tool, size: 3, operation, runs: [run] };
    }),
  );
  const section = { date: "2026-01-01", loadBefore: 0.5, repeat: 1 };
  const profile = { operation: "idle", size: 3, total: 2100, connection: 90, ...analyse(events, 1000, 2100) } as const;
  return {
    machine: { processor: "any", cores: 2, memoryGib: 8, kernel: "6", node: "v20" },
    deploy: { ...section, rows },
    forward: {
      ...section,
      rows: [{ network: "veth", way: "socat", megabitsPerSecond: [900], connectionsPerSecond: [800] }],
    },
    scale: {
      ...section,
      rows: [
        { size: 20, seconds: { first: 9 }, failure: "no memory" },
        { size: 20, commit: "0123abc", seconds: { first: 18 } },
      ],
    },
    distance: {
      ...section,
      rows: [0, 50, 100].flatMap((roundTrip) => [
        { tool: "fakevpc", size: 3, operation: "first", roundTrip, seconds: [3 + roundTrip / 100, 99, 1] },
        { tool: "fakevpc", size: 3, operation: "idle", roundTrip, seconds: [2 - roundTrip / 1000] },
      ]),
    },
    program: { ...section, rows: [{ size: 100, resources: 603, mocks: { seconds: 2, memoryMib: 90 }, preview: 5 }] },
    profile: { ...section, rows: [profile] },
  };
}

test("the program that is measured alone builds its mesh", async () => {
  const { stdout } = await run([process.execPath, packageFile("dist/bench/programAlone.js"), "3"], {
    env: process.env,
  });
  assert.equal(JSON.parse(stdout).resources, 15);
});
