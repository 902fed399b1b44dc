import assert from "node:assert/strict";
import { test } from "@jest/globals";
import fc from "fast-check";
import { linksOf } from "../../cli/graph";
import { overlap } from "../../graph/geometry";
import { boxesOf, layOut } from "../../graph/layout";
import { mermaidOf } from "../../graph/mermaid";
import { svgOf } from "../../graph/svg";
import { meshOf } from "../../mesh/mesh";

const three = meshOf({
  servers: {
    server1: { address: "203.0.113.11" },
    server2: { address: "2001:db8::12" },
    server3: { address: "10.0.0.3", public: false },
  },
  services: { echo: { server: "server2", port: 8888 } },
});

test("boxes overlap, or they do not", () => {
  const box = { x: 0, y: 0, width: 10, height: 10, angle: 0 };
  assert.ok(overlap(box, { ...box, x: 9 }));
  assert.ok(!overlap(box, { ...box, x: 11 }));
  assert.ok(overlap(box, { ...box, x: 11, angle: Math.PI / 4 }), "its corner reaches in");
  assert.ok(!overlap(box, { ...box, x: 11, y: 11, angle: Math.PI / 4 }));
});

test("in the picture of 2 to 10 servers nothing covers anything else", () => {
  const words = fc.record({ width: fc.integer({ min: 40, max: 330 }), height: fc.integer({ min: 40, max: 200 }) });
  const meshes = fc.array(words, { minLength: 2, maxLength: 10 });
  fc.assert(
    fc.property(meshes, fc.integer({ min: 70, max: 190 }), (servers, labelWidth) => {
      const layout = layOut(
        servers.map((server, at) => ({ ...server, arrows: servers.slice(0, at).map((_, to) => ({ to, labelWidth })) })),
      );
      const boxes = boxesOf(layout);
      assert.equal(boxes.length, 2 * servers.length + (servers.length * (servers.length - 1)) / 2);
      for (const [at, box] of boxes.entries()) {
        assert.ok(boxes.slice(at + 1).every((other) => !overlap(box, other)));
      }
    }),
    { numRuns: 60 },
  );
});

test("Mermaid text has every server, arrow, address and service", () => {
  assert.equal(
    mermaidOf(three),
    `flowchart TB
  s1["<b>server1</b><br/>203.0.113.11:51821<br/>mesh 192.168.1.1"]
  s2["<b>server2</b><br/>[2001:db8::12]:51822<br/>mesh 192.168.2.1"]
  s3["<b>server3</b><br/>private: dials only"]:::private
  s2 -->|"192.168.1.2"| s1
  s3 -->|"192.168.1.3"| s1
  s3 -->|"192.168.2.3"| s2
  service1(["echo :8888"]) -.- s2
  classDef private stroke-dasharray: 5 4
`,
  );
});

test("arrows to one server share a line where there are many", () => {
  const servers = Object.fromEntries([1, 2, 3, 4, 5, 6].map((index) => [`s${index}`, { address: `10.0.0.${index}` }]));
  const text = mermaidOf(meshOf({ servers }));
  assert.match(text, /^ {2}s2 & s3 & s4 & s5 & s6 --> s1$/m);
  assert.match(text, /^ {2}s6 --> s5$/m);
});

test("a live picture has each link in the colour of the worse of its ends", () => {
  const stored = { name: "m", mesh: three, servers: {} };
  const ping = (received: number) => ({ sent: 5, received, ...(received > 0 && { roundTrip: 1 }) });
  const links = linksOf(stored, [
    { from: "server1", to: "server2", interface: "vpcs", stable: [], ping: ping(5) },
    { from: "server2", to: "server1", interface: "vpcs", stable: [], ping: ping(4) },
    { from: "server1", to: "server3", interface: "vpcs", stable: [], ping: ping(0) },
    { from: "server3", to: "server1", interface: "vpcs", stable: [], ping: ping(5) },
  ]);
  assert.deepEqual(
    links.map(({ listener, dialler, state }) => `${listener} ${dialler} ${state}`),
    ["server1 server2 lossy", "server1 server3 down", "server2 server3 unknown"],
  );
  const states = [...svgOf(three, links).matchAll(/class="arrow line-(\w+)"/g)].map((match) => match[1]);
  assert.deepEqual(states, ["lossy", "down", "unknown"]);
  assert.match(mermaidOf(three, links), /linkStyle 0 stroke:.*\n {2}linkStyle 1 stroke:.*\n {2}linkStyle 2 stroke:/);
});

test("the picture says what each server is", () => {
  const picture = svgOf(three);
  for (const text of ["203.0.113.11:51821", "mesh 192.168.2.1", "private: dials only", "192.168.1.3", "echo :8888"]) {
    assert.ok(picture.includes(`>${text}<`), text);
  }
  assert.match(picture, /prefers-color-scheme: dark/);
});
