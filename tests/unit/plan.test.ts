import assert from "node:assert/strict";
import { test } from "@jest/globals";
import fc from "fast-check";
import { addressSeen } from "../../mesh/addresses";
import type { Mesh } from "../../mesh/mesh";
import { type Interface, planOf, type ServerPlan } from "../../mesh/plan";
import { renderTexts } from "../../mesh/render";
import { checkMesh } from "../../mesh/validate";
import { anyMesh, withoutServer } from "./meshes";

function plansOf(mesh: Mesh): Map<string, ServerPlan> {
  return new Map(mesh.servers.map(({ name }) => [name, planOf(mesh, name)]));
}

/** The interfaces of one server that have the other as a peer. */
function linksTo(plan: ServerPlan, peer: string): Interface[] {
  return plan.interfaces.filter(({ peers }) => peers.some(({ name }) => name === peer));
}

test("every pair shares one link, and its two ends fit", () => {
  fc.assert(
    fc.property(anyMesh(2), (config) => {
      const mesh = checkMesh(config);
      const plans = plansOf(mesh);
      for (const low of mesh.servers) {
        for (const high of mesh.servers.filter(({ index }) => index > low.index)) {
          const [listening, ...moreLow] = linksTo(plans.get(low.name)!, high.name);
          const [dialling, ...moreHigh] = linksTo(plans.get(high.name)!, low.name);
          assert.deepEqual([...moreLow, ...moreHigh], []);
          const [lowPeer] = dialling!.peers;
          const highPeer = listening!.peers.find(({ name }) => name === high.name)!;
          assert.equal(dialling!.peers.length, 1);
          // What one end may send from is what the other end is.
          assert.equal(highPeer.allowedIps, dialling!.address);
          assert.equal(lowPeer!.allowedIps, listening!.address.replace("/24", "/32"));
          // The higher index dials, the lower listens where it is dialled.
          assert.deepEqual(lowPeer!.endpoint, { host: low.endpoint, port: listening!.listenPort });
          assert.equal(highPeer.endpoint, undefined);
          assert.equal(dialling!.listenPort, undefined);
        }
      }
    }),
  );
});

test("the address of a server seen from another is the one it has on their link", () => {
  fc.assert(
    fc.property(anyMesh(2), (config) => {
      const mesh = checkMesh(config);
      const plans = plansOf(mesh);
      for (const from of mesh.servers) {
        for (const of of mesh.servers.filter((server) => server !== from)) {
          const [link] = linksTo(plans.get(of.name)!, from.name);
          const seen = addressSeen(mesh.offset, of.index, from.index);
          assert.equal(link!.address.split("/")[0], seen);
          assert.ok(plans.get(of.name)!.addresses.includes(seen));
        }
      }
    }),
  );
});

test("no two interfaces of a mesh have one address, and names fit into Linux's 15 characters", () => {
  fc.assert(
    fc.property(anyMesh(), (config) => {
      const mesh = checkMesh({ ...config, prefix: "abcdefg" });
      const interfaces = [...plansOf(mesh).values()].flatMap((plan) => plan.interfaces);
      const addresses = interfaces.map(({ address }) => address.split("/")[0]!);
      assert.equal(new Set(addresses).size, addresses.length);
      for (const { name } of interfaces) assert.ok(name.length <= 15, name);
      for (const plan of plansOf(mesh).values()) {
        const names = plan.interfaces.map(({ name }) => name);
        assert.equal(new Set(names).size, names.length);
      }
    }),
  );
});

test("a server that comes or goes changes one peer of those below it, one interface of those above, and no address", () => {
  fc.assert(
    fc.property(anyMesh(2), fc.nat(), (config, pick) => {
      const full = checkMesh(config);
      const changed = full.servers[pick % full.servers.length]!;
      const rest = checkMesh(withoutServer(config, changed.name));
      for (const { name, index } of rest.servers) {
        const [before, after] = [planOf(rest, name), planOf(full, name)];
        const [listensBefore, ...dialsBefore] = before.interfaces;
        const [listensAfter, ...dialsAfter] = after.interfaces;
        const added = dialsAfter.filter((each) => !dialsBefore.some(({ name }) => name === each.name));
        const peers = listensAfter!.peers.filter(
          (each) => !listensBefore!.peers.some(({ name }) => name === each.name),
        );
        assert.deepEqual(
          [peers.map((peer) => peer.name), added.map((each) => each.name)],
          index < changed.index ? [[changed.name], []] : [[], [`vpcc${changed.index}`]],
        );
        // Nothing else differs.
        assert.deepEqual(
          [{ ...listensAfter!, peers: listensAfter!.peers.filter((peer) => !peers.includes(peer)) }],
          [listensBefore],
        );
        assert.deepEqual(
          dialsAfter.filter((each) => !added.includes(each)),
          dialsBefore,
        );
        assert.deepEqual(
          after.hosts.filter(({ names }) => !names.includes(`${changed.name}.vpcdomain`)),
          before.hosts,
        );
      }
    }),
  );
});

test("in the text, too, a newcomer of higher index is one line to those below, and its name another", () => {
  fc.assert(
    fc.property(anyMesh(2), (config) => {
      const full = checkMesh(config);
      const newcomer = full.servers.at(-1)!;
      const rest = checkMesh(withoutServer(config, newcomer.name));
      for (const { name, index } of rest.servers) {
        const [before, after] = [renderTexts(planOf(rest, name)), renderTexts(planOf(full, name))];
        const address = addressSeen(full.offset, newcomer.index, index);
        const vpcs = `${before.interfaces.vpcs}peer ${newcomer.name} ${address}/32\n`;
        const hosts = `${before.hosts}${address} ${newcomer.name}.vpcdomain ${newcomer.name}\n`;
        assert.deepEqual(after, { ...before, interfaces: { ...before.interfaces, vpcs }, hosts });
      }
    }),
  );
});
