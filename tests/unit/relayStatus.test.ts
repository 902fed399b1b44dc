import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { directionsOf } from "../../cli/findings/directions";
import { linkFindings } from "../../cli/findings/linkFindings";
import { parseAnswer } from "../../cli/server/answer";
import type { StoredMesh } from "../../cli/stack/state";
import { meshOf } from "../../mesh/mesh";

const relay = ["hub1", "hub2"];
const mesh = meshOf({
  servers: {
    hub1: { address: "203.0.113.1" },
    hub2: { address: "203.0.113.2" },
    home3: { address: "192.168.0.3", public: false, relay },
    home4: { address: "192.168.9.4", public: false },
  },
});
const servers = Object.fromEntries(mesh.servers.map(({ name }) => [name, { publicKey: `key-of-${name}` }]));
const stored = { name: "net", mesh, servers } as unknown as StoredMesh;

function seen(endpoint: string) {
  const lines = [
    ...["### time", " 1", "### interface vpcc3", " key-of-home3 5"],
    ...["### endpoints vpcc3", ` key-of-home3\t${endpoint}`, "### end", " "],
  ];
  const answer = parseAnswer(`${lines.join("\n")}\n`)!;
  return directionsOf("home4", stored, { answer }).find(({ to }) => to === "home3")!;
}

test("a relayed link names the relay that is in use, and only one of its own", () => {
  assert.equal(seen("192.168.1.1:52823").relay, "hub1");
  assert.equal(seen("192.168.2.1:52823").relay, "hub2");
  assert.equal(seen("198.51.100.9:51823").relay, undefined);
  assert.equal(seen("(none)").relay, undefined);
});

test("a relayed link that is down is looked for at its relays", () => {
  const [listener, dialler] = ["home3", "home4"].map((name) => mesh.servers.find((server) => server.name === name)!);
  const silent = { interface: "vpcc3", ping: { sent: 5, received: 0 }, stable: [] };
  const ends = [
    { from: "home3", to: "home4", ...silent },
    { from: "home4", to: "home3", ...silent },
  ];
  const [found] = linkFindings(listener!, dialler!, [ends[0]!, ends[1]!]);
  assert.equal(found!.remedy, "look at the links of home4 and home3 with hub1 and hub2, through which they meet");
});
