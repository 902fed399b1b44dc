import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Distance, Large, Measurement, Results, Section } from "../results";
import { deploymentPlot, deploymentTables } from "./deployment";
import {
  distanceTable,
  forwardPlot,
  forwardTable,
  profilePlot,
  profileTable,
  programTable,
  scaleTable,
} from "./others";

/** Writes benchmarks.md, and the plots beside it, from what has been measured so far. */
export function writeDocument(directory: string, results: Results): void {
  const plots = path.join(directory, "benchmarks");
  mkdirSync(plots, { recursive: true });
  const plot = (name: string, alternative: string, drawing: string) => {
    writeFileSync(path.join(plots, `${name}.svg`), drawing);
    return `![${alternative}](benchmarks/${name}.svg)`;
  };
  const { machine, deploy, forward, scale, distance, program, profile } = results;
  const parts = [
    "# Benchmarks",
    introduction,
    `Everything runs on one machine, operator and servers alike: ${machine.cores} cores (${machine.processor}),` +
      ` ${machine.memoryGib} GiB, Linux ${machine.kernel}, Node ${machine.node}. So the seconds are this machine's, and what` +
      " other work it did meanwhile is in them; the ratios are what to look at.",
    ...(deploy
      ? [
          `## A mesh's life\n\n${about(deploy, rounds(deploy))}`,
          life,
          plot("deployment", "Seconds by number of servers, for each tool", deploymentPlot(deploy)),
          deploymentTables(deploy),
        ]
      : []),
    ...(scale ? [`## Larger meshes\n\n${about(scale, "Once")}`, large(scale), scaleTable(scale)] : []),
    ...(distance ? [`## From far away\n\n${about(distance)}`, far(distance), distanceTable(distance)] : []),
    ...(program ? [`## The program without servers\n\n${about(program)}`, withoutServers, programTable(program)] : []),
    ...(forward
      ? [
          `## Services\n\n${about(forward)}`,
          services,
          plot("forwarding", "Throughput by each way to a service", forwardPlot(forward)),
          forwardTable(forward),
        ]
      : []),
    ...(profile
      ? [
          `## Where the time of \`pulumi up\` goes\n\n${about(profile, "Once")}`,
          profiling,
          ...profile.rows.map((row) => plot(`profile-${row.operation}`, "Phases of one pulumi up", profilePlot(row))),
          profileTable(profile),
        ]
      : []),
  ];
  writeFileSync(path.join(directory, "benchmarks.md"), `${parts.join("\n\n")}\n`);
}

function about({ date, loadBefore, repeat }: Omit<Section<unknown>, "rows">, times?: string): string {
  const often = times ?? (repeat === 1 ? "Once" : `Medians of ${repeat}`);
  return `*${often}, ${date}; ${loadBefore} processes wanted to run before it began.*`;
}

/** How often each size was measured. */
function rounds({ rows }: Section<Measurement>): string {
  const bySize = new Map(rows.map(({ size, runs }) => [size, runs.length]));
  return `Medians of ${[...bySize].map(([size, count]) => `${count} (N = ${size})`).join(", ")}`;
}

const introduction = `\`npm run bench\` measures all this and writes this page; \`npm run bench -- deploy\` does a part of it, \`npm run bench -- --quick\`
a small one into another place. It needs what the lab needs (Linux and root), and Python 3 with PyPI for ansible-core.

Three tools build the same mesh of the lab's servers (Debian 12 with WireGuard installed, wireguard-go as the kernel's
stand-in), as the user \`ops\` with sudo:

- **fakevpc**: this project, by \`pulumi up --skip-preview\`.
- **parallel**: [a playbook](../bench/playbooks/parallel.yml) as one writes it for Ansible today: all servers at once, pipelining,
  \`wg syncconf\` instead of a restart, a block in \`/etc/hosts\`.
- **serial**: [a playbook](../bench/playbooks/serial.yml) after the first description of such a mesh: one server after another by
  \`delegate_to\` loops, keys on the operator's machine, \`lineinfile\`, an interface restarted when its conf changes.

Both playbooks do less than fakevpc: they have no preshared keys, no firewall, no record of what is theirs.`;

const life = `Each mesh begins on blank servers and lives through all of this: first deployment, the same again, one more server, that
server removed (which also takes the mesh off it), one server without power, all without power. The tools take turns in
each round, so that all meet the same load. No tool keeps SSH connections from one run to the next. During each step three
links that have nothing to do with it (before N = 5 there may be fewer) send a packet every 10 ms. The time after a reboot is from
power-on until the last link has answered, with the servers' own boot of some two seconds in it. Where all start at once, a first message
may reach a peer that is not up yet; WireGuard, whoever set it up, tries again after five seconds.`;

const large = ({ rows }: Section<Large>) => {
  const earlier = rows.find(({ commit }) => commit !== undefined)?.commit;
  const shared = "All servers share the processors of this machine here, so that it is their own work that counts.";
  if (earlier === undefined) return shared;
  return `${shared}
Beside it the form of ${earlier}: five Commands a server and twice as many SSH connections, which cost little here. Its timer minds
the endpoints of its peers and nothing else, and nothing begins anew with a peer that has not answered.`;
};

const far = ({
  rows,
}: Section<Distance>) => `An operator's distance from the servers, as the time of a round trip. A TCP proxy stands between them and delays each
direction by half of it, the setting up of a connection too, before SSH goes on to ${rows[0]?.size ?? 3} servers (which are all as far away, and
near each other). TCP's own slow start is not in it. The last column is what the time grows by, in round trips: those that follow one another.`;

const withoutServers = `The program alone builds all resources against mocks, in a process of its own. The preview is that of a new stack by the
real engine.`;

const services = `A service on 127.0.0.1 of one server, used by another: forwarded by socat, by nftables, or listening on the address itself
(direct). Over the plain network the forwarder is what is measured, over the mesh mostly wireguard-go (Debian 13's).`;

const profiling = `A probe in every Node process of one \`pulumi up\` writes down when it starts, has loaded its program, opens and ends SSH
connections, and exits. It costs some time itself. The provider plugins are those of this machine: where Pulumi's servers
cannot be reached, Node programs stand in for them.

Two parts were the largest and were cut on 2026-11-22, measured before and after on that day with ten servers:

- \`systemctl daemon-reload\` took 0.2 s for each unit. It runs once per step, and only where systemd has read the unit before;
  a server's interfaces start together. The first deployment went from 22 s to 12 s.
- A step started some forty programs for each interface that it looked at. It asks all of a server's interfaces in one go:
  adding a server went from 13 s to 7 s, removing it from 14 s to 8 s, the first deployment from 12 s to 10 s.`;
