import assert from "node:assert/strict";
import { test } from "@jest/globals";
import { notPlain } from "../../mesh/problem";
import { hostKey, sshKey } from "../sshKeys";
import { address, one, other, problemsOf, service, two } from "./configs";

const wgKey = `${"k".repeat(42)}w=`;
const version = "a version: up to 40 letters, digits, dots, hyphens and underscores";
const sshAddress = "the IP address or host name where SSH reaches the server";
const serviceName = "a service name: small letters, digits and hyphens, 32 at most";
const shared = "(secret) is the key of server1 too: each server has its own, so let one have a new one";
const meshName = "is a name that the mesh itself gives, and leads into it: give an IP address";
const ownRange = "lies in the mesh's own range of server1: change ifaceIpOffset";

/** A wrong config and what is said of it. */
const rules: [unknown, string][] = [
  [{}, "servers: is missing"],
  [{ servers: {} }, "servers: {} has no server"],
  [{ servers: "server1" }, 'servers: "server1" is not a map'],
  [{ servers: { server1: null } }, "servers.server1: null is not a map"],
  [one({}, { colour: "red" }), "colour: is not a known setting"],
  [one({ colour: "red" }), "servers.server1.colour: is not a known setting"],
  [
    one({ address: undefined }),
    "servers.server1.address: is missing, the IP address or host name where SSH reaches the server",
  ],
  [
    one({ address: "203.0.113.300", endpoint: "203.0.113.1" }),
    'servers.server1.address: "203.0.113.300" is not the IP address or host name where SSH reaches the server',
  ],
  [one({ address: "localhost" }), 'servers.server1.endpoint: "localhost" is not an address that peers can dial'],
  [
    { servers: { server1: { address: "203.0.113.11", privateKey: `${"A".repeat(43)}=`, keyVersion: 2 } } },
    "servers.server1.keyVersion: 2 stands beside privateKey: give one of the two",
  ],
  [
    one({ endpoint: "host_1.example" }),
    'servers.server1.endpoint: "host_1.example" is not the IP address or host name that peers dial',
  ],
  [one({ endpoint: "127.0.0.1" }), 'servers.server1.endpoint: "127.0.0.1" is not an address that peers can dial'],
  [one({ endpoint: "fe80::1%eth0" }), 'servers.server1.endpoint: "fe80::1%eth0" is not an address that peers can dial'],
  [{ servers: { web: { address } } }, "servers.web.index: is missing: give one, or a name that ends in a number"],
  [two({}, { index: 1 }), "servers.server2.index: 1 is the index of server1 too: each server has its own"],
  [one({ index: 0 }), "servers.server1.index: 0 is not a whole number from 1 to 254"],
  [one({ index: 1.5 }), "servers.server1.index: 1.5 is not a whole number from 1 to 254"],
  [{ servers: { server255: { address } } }, "servers.server255.index: 255 is not a whole number from 1 to 254"],
  [
    one({ index: 200 }, { ifaceIpOffset: 57 }),
    "servers.server1.index: 200 with ifaceIpOffset 57 leads to 192.168.256.0/24: their sum is 256 at most",
  ],
  [one({}, { ifaceIpOffset: 256 }), "ifaceIpOffset: 256 is not a whole number from 0 to 255"],
  [one({ wgPort: 70000 }), "servers.server1.wgPort: 70000 is not a UDP port (1-65535)"],
  [one({ wgPort: "51821" }), 'servers.server1.wgPort: "51821" is not a UDP port (1-65535)'],
  [one({ sshPort: 0 }), "servers.server1.sshPort: 0 is not a TCP port (1-65535)"],
  [one({}, { ssh: { port: -1 } }), "ssh.port: -1 is not a TCP port (1-65535)"],
  [one({}, { ssh: { connectTimeout: 1 } }), "ssh.connectTimeout: 1 is not a number of seconds from 5 to 3600"],
  [one({}, { ssh: "root@server1" }), 'ssh: "root@server1" is not a map'],
  [
    one({}, { ssh: { privateKey: sshKey, privateKeyFile: "~/.ssh/key" } }),
    'ssh.privateKeyFile: "~/.ssh/key" stands beside the key itself: give one of the two',
  ],
  [
    { servers: { server_1: { address } } },
    'servers.server_1: "server_1" is not a host name: letters, digits and hyphens, 63 at most, not digits alone',
  ],
  [one({}, { keyVersion: 2026.1 }), `keyVersion: 2026.1 is not ${version}: put it in quotes`],
  [one({}, { reapply: 2026.1 }), "reapply: 2026.1 is not a text: put it in quotes"],
  [one({ reapply: true }), "servers.server1.reapply: true is not a text: put it in quotes"],
  [
    one({ keyVersion: "2026-11-22 00:00:00 +0000 UTC" }),
    `servers.server1.keyVersion: "2026-11-22 00:00:00 +0000 UTC" is not ${version}: put it in quotes`,
  ],
  [
    one({ site: 7 }),
    "servers.server1.site: 7 is not a name of up to 40 letters, digits, dots, hyphens and underscores: put it in quotes",
  ],
  [
    one({}, { ssh: { privateKey: sshKey, privateKeyPassphrase: 1234 } }),
    "ssh.privateKeyPassphrase: (secret) is not a text of one line: put it in quotes",
  ],
  [
    one({}, { ssh: { privateKey: sshKey, privateKeyPassphrase: "hunter2\n" } }),
    "ssh.privateKeyPassphrase: (secret) is not a text of one line",
  ],
  [one({}, { mtu: "1400" }), 'mtu: "1400" is not a number of bytes from 1280 to 9000'],
  [one({ index: "1" }), 'servers.server1.index: "1" is not a whole number from 1 to 254'],
  [one({ endpointPort: 70000 }), "servers.server1.endpointPort: 70000 is not a UDP port (1-65535)"],
  [one({}, { ssh: [hostKey] }), "ssh: (list) is not a map"],
  [one({ address: { privateKey: "hunter2" } }), `servers.server1.address: (map) is not ${sshAddress}`],
  [
    one({}, { services: JSON.parse('{ "__proto__": {} }') }),
    'services.__proto__: "__proto__" cannot be a name here: take another',
  ],
  [one({}, { services: { "a\nb": {} } }), `services.a\\nb: "a\\nb" is not ${serviceName}`],
  [one({}, { domain: notPlain }), "domain: (output or secret) must be plain: give the value itself"],
  [one({ index: notPlain }), "servers.server1.index: (output or secret) must be plain: give the value itself"],
  [one({ colour: notPlain }), "servers.server1.colour: is not a known setting"],
  [one({}, { ssh: notPlain }), "ssh: (output or secret) must be plain: make single values outputs or secrets instead"],
  [
    { servers: notPlain },
    "servers: (output or secret) must be plain: its names are needed in a preview; make single values outputs or secrets instead",
  ],
  [
    { servers: { server1: { address }, server2: notPlain } },
    "servers.server2: (output or secret) must be plain: make single values outputs or secrets instead",
  ],
  [
    { servers: { web: { address, index: 1 }, Web: { ...other, index: 2 } } },
    'servers.Web: "Web" is the name of web too, but for capital letters',
  ],
  [two({ privateKey: wgKey }, { privateKey: wgKey }), `servers.server2.privateKey: ${shared}`],
  // The bits in which these two differ are none of the key's.
  [
    two({ privateKey: `A${wgKey.slice(1)}` }, { privateKey: `B${wgKey.slice(1)}` }),
    `servers.server2.privateKey: ${shared}`,
  ],
  [
    two({ address: "Server1.example.com" }, {}, { domain: "example.com" }),
    `servers.server1.address: "Server1.example.com" ${meshName} as endpoint, or take another domain`,
  ],
  [
    two({ endpoint: "server2.vpcdomain" }, {}),
    `servers.server1.endpoint: "server2.vpcdomain" ${meshName} as endpoint, or take another domain`,
  ],
  [
    two({ address: "server1" }, {}),
    `servers.server1.address: "server1" ${meshName} as endpoint, or take another domain`,
  ],
  [
    {
      servers: {
        server1: { address },
        a2: { address: "a2.vpcdomain", public: false, site: "home" },
        a3: { address: "192.168.77.3", public: false, site: "home" },
      },
    },
    `servers.a2.address: "a2.vpcdomain" ${meshName} as lanAddress, or take another domain`,
  ],
  [
    two({ endpointPort: 40000 }, { endpoint: address, endpointPort: 40000 }),
    "servers.server2.endpoint: 203.0.113.11:40000 is the endpoint of server1 too",
  ],
  [one({ address: "::ffff:192.168.1.7" }), `servers.server1.address: "::ffff:192.168.1.7" ${ownRange}`],
  [one({ proxy: { address: "192.168.1.7" } }), `servers.server1.proxy.address: "192.168.1.7" ${ownRange}`],
  [one({}, { ssh: { proxy: { address: "192.168.1.7" } } }), `ssh.proxy.address: "192.168.1.7" ${ownRange}`],
  [one({ public: false, endpoint: "192.168.1.7" }), `servers.server1.endpoint: "192.168.1.7" ${ownRange}`],
  [
    one({ endpoint: "box.localhost" }),
    'servers.server1.endpoint: "box.localhost" is not an address that peers can dial',
  ],
  [one({}, { domain: "-vpc" }), 'domain: "-vpc" is not a domain name'],
  [one({}, { prefix: "toolong8" }), 'prefix: "toolong8" is not a small letter and up to 6 small letters or digits'],
  [one({ user: "a b" }), 'servers.server1.user: "a b" is not a user name'],
  [one({ public: "no" }), 'servers.server1.public: "no" is not true or false'],
  [one({}, { updateUpgradeServers: "yes" }), 'updateUpgradeServers: "yes" is not true or false'],
  [two({}, { address, wgPort: 51000 }), "servers.server2.address: 203.0.113.11:22 is the SSH address of server1 too"],
  [
    two({ wgPort: 51000 }, { endpoint: address, wgPort: 51000 }),
    "servers.server2.endpoint: 203.0.113.11:51000 is the endpoint of server1 too",
  ],
  [
    two({ endpoint: "2001:db8::1", wgPort: 51000 }, { endpoint: "2001:DB8:0::1", wgPort: 51000 }),
    "servers.server2.endpoint: [2001:DB8:0::1]:51000 is the endpoint of server1 too",
  ],
  [
    one({ address: "192.168.5.20" }, { ifaceIpOffset: 5 }),
    `servers.server1.address: "192.168.5.20" lies in the mesh's own range of server1: change ifaceIpOffset`,
  ],
  [
    two({}, { endpoint: "192.168.1.20" }),
    `servers.server2.endpoint: "192.168.1.20" lies in the mesh's own range of server1: change ifaceIpOffset`,
  ],
  [
    two({ public: false }, {}),
    "servers.server1.index: 1 is below 2 of server2: a private server, which nobody can dial, has a higher index than every public one",
  ],
  [
    {
      servers: {
        server1: { address },
        a2: { ...other, public: false },
        a3: { address: "203.0.113.13", public: false },
      },
    },
    "servers.a3.public: false is so for a2 too, and neither can dial the other: in one LAN, give both the same site; elsewhere, give a2 a relay, a public server through which they meet",
  ],
  [
    service({ server: "server9", port: 80 }),
    'services.s0.server: "server9" is not one of the servers (server1, server2)',
  ],
  [service({ server: "server1", port: 0 }), "services.s0.port: 0 is not a TCP port (1-65535)"],
  [service({ server: "server1" }), "services.s0.port: is missing, a TCP port (1-65535)"],
  [service({ server: "server1", port: 80, forward: "ssh" }), 'services.s0.forward: "ssh" is not "socat" or "nftables"'],
  [
    service({ server: "server1", port: 80 }, { server: "server1", port: 80, forward: "nftables" }),
    "services.s1.port: 80 of server1 is the service s0 already",
  ],
  [
    one({}, { services: { "a b": { server: "server1", port: 80 } } }),
    'services.a b: "a b" is not a service name: small letters, digits and hyphens, 32 at most',
  ],
];

for (const [config, message] of rules) {
  test(message, () => assert.deepEqual(problemsOf(config), [message]));
}
