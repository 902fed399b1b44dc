import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "@jest/globals";
import type { MeshReport } from "../../cli/findings/examine";
import { renderMetrics } from "../../cli/prometheus";
import { packageFile } from "../../components/packageFile";
import { run } from "../../lab/process";
import { afterThis } from "../after";

const example = (name: string) => packageFile("examples/monitoring", name);

const report: MeshReport = {
  mesh: "net",
  servers: ["server1", "server2"],
  directions: [
    {
      from: "server1",
      to: "server2",
      interface: "vpcs",
      stable: [],
      ping: { sent: 5, received: 4, roundTrip: 12.5 },
      handshakeAge: 30,
    },
    { from: "server2", to: "server1", interface: "vpcc1", stable: [], ping: { sent: 0, received: 0 }, relay: "hub" },
  ],
  findings: [
    { kind: "drift", servers: ["server2"], message: "/etc/hosts differs", remedy: "" },
    { kind: "loss", servers: ["server1", "server2"], message: "packets are lost", remedy: "" },
  ],
};
const metrics = renderMetrics([report], 1_700_000_000);

test("the metrics are as Prometheus' own checker wants them", async () => {
  const { stdout, stderr } = await run(["promtool", "check", "metrics"], { input: metrics, timeout: 60_000 });
  assert.equal(stdout + stderr, "");
});

test("the metrics tell the links, the drift and the time", () => {
  const samples = metrics.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(samples, [
    'fakevpc_link_up{mesh="net",from="server1",to="server2"} 1',
    'fakevpc_link_up{mesh="net",from="server2",to="server1"} 0',
    'fakevpc_link_round_trip_seconds{mesh="net",from="server1",to="server2"} 0.0125',
    'fakevpc_link_lost_ratio{mesh="net",from="server1",to="server2"} 0.2',
    'fakevpc_link_lost_ratio{mesh="net",from="server2",to="server1"} 1',
    'fakevpc_link_last_handshake_timestamp_seconds{mesh="net",from="server1",to="server2"} 1699999970',
    'fakevpc_link_relay_info{mesh="net",from="server2",to="server1",relay="hub"} 1',
    'fakevpc_server_reachable{mesh="net",server="server1"} 1',
    'fakevpc_server_reachable{mesh="net",server="server2"} 1',
    'fakevpc_server_drift{mesh="net",server="server1"} 0',
    'fakevpc_server_drift{mesh="net",server="server2"} 1',
    'fakevpc_findings{mesh="net"} 2',
    "fakevpc_status_timestamp_seconds 1700000000",
  ]);
});

test("a metric that nobody measured is left out, and names are escaped", async () => {
  const text = renderMetrics([{ mesh: 'a "b"', servers: [], directions: [], findings: [] }]);
  assert.doesNotMatch(text, /link_up/);
  assert.match(text, /^fakevpc_findings\{mesh="a \\"b\\""\} 0$/m);
  await run(["promtool", "check", "metrics"], { input: text, timeout: 60_000 });
});

test("the alert rules fire when they should, and not before", async () => {
  await run(["promtool", "check", "rules", example("fakevpc.rules.yml")], { timeout: 60_000 });
  await run(["promtool", "test", "rules", example("fakevpc.rules.test.yml")], { timeout: 60_000 });
});

test("Grafana's dashboard asks for metrics that there are, in words that Prometheus understands", async () => {
  const text = readFileSync(example("grafana-dashboard.json"), "utf8");
  const { panels } = JSON.parse(text) as { panels: { targets: { expr: string }[] }[] };
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const rules = expressions.map((expr, at) => ({ record: `panel:${at}`, expr: expr.replaceAll("$mesh", ".*") }));
  const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-rules-"));
  afterThis(() => rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, "rules.yml");
  writeFileSync(file, JSON.stringify({ groups: [{ name: "panels", rules }] })); // JSON is YAML
  await run(["promtool", "check", "rules", file], { timeout: 60_000 });

  const known = [...metrics.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
  const all = expressions.join(" ") + readFileSync(example("fakevpc.rules.yml"), "utf8");
  const asked = new Set([...all.matchAll(/\bfakevpc_\w+/g)].map(([name]) => name));
  assert.deepEqual([...asked].sort(), known.sort());
});

test("systemd takes the timer and its service", async () => {
  const files = ["fakevpc-status.service", "fakevpc-status.timer"].map(example);
  const { stderr } = await run(["systemd-analyze", "verify", ...files], { timeout: 60_000, allowFailure: true });
  // Programs that this machine has elsewhere are no concern here.
  const complaints = stderr.split("\n").filter((line) => line.includes("fakevpc-status") && !line.includes("npx"));
  assert.deepEqual(complaints, []);
});
