import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { TestMesh } from "./support";
import { interfacesOf, restartedSince } from "./traffic";

// Somebody damages what is ours on a server; the next up with another `reapply` mends that, and restarts nothing else.
let mesh: TestMesh;
const names = ["server1", "server2", "server3"];
const forwarder = "fakevpc-vpc-service-echo-8888.service";
let right: Record<string, string>;

beforeAll(async () => {
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true })));
  mesh.config.services = {
    echo: { server: "server2", port: 8888 },
    store: { server: "server2", port: 9999, forward: "nftables" },
  };
  await mesh.up();
  assert.deepEqual(await mesh.silentPairs(), []);
  await mesh.switchOffWatch();
  right = await mesh.onAll(whatIsOurs);
});
afterAll(() => mesh?.end());

/** Our files by content and mode, units (a timer may be waiting or running), table, block, and interfaces without what changes by itself. */
const whatIsOurs = [
  "find /var/lib/fakevpc /etc/wireguard /etc/systemd/system -name '*.endpoints*' -o -name '*.resolved*' -o -printf '%p %y %m %l\\n' | sort",
  "find /var/lib/fakevpc /etc/wireguard /etc/systemd/system -type f ! -name '*.endpoints*' ! -name '*.resolved*' -exec md5sum {} + | sort",
  "systemctl list-units --plain --no-legend 'wg-quick@*' 'fakevpc-vpc*.timer' 'fakevpc-vpc-service-*' 'fakevpc-vpc-firewall*' | awk '{ print $1, $3, $1 ~ /timer$/ ? \"\" : $4 }'",
  "nft list table inet fakevpc_vpc",
  "cat /etc/hosts",
  "for name in $(ls /sys/class/net | grep vpc); do wg show $name dump | awk 'NR == 1 { print $1 } NR > 1 { print $1, $2, $4, $8 }' | sort; done",
  "for name in $(ls /sys/class/net | grep vpc); do cat /proc/sys/net/ipv4/conf/$name/route_localnet; done",
  "{ ip -4 -o address show | awk '{ print $2, $4 }'; ip -4 route; } | sort",
].join("\n");

/** When each forwarder of server2 started. */
const forwarders =
  "systemctl show --property=Id,ActiveEnterTimestampMonotonic 'fakevpc-vpc-service-echo-*' | paste -sd ' \\n' | sort";

/** What is not as it was, line by line. */
async function wrong(): Promise<string[]> {
  const now = await mesh.onAll(whatIsOurs);
  return names.flatMap((name) => {
    const [old, young] = [right[name]!, now[name]!].map((text) => text.split("\n")) as [string[], string[]];
    const gone = old.filter((line) => !young.includes(line)).map((line) => `${name} - ${line}`);
    return [...gone, ...young.filter((line) => !old.includes(line)).map((line) => `${name} + ${line}`)];
  });
}

interface Damage {
  /** What somebody does on server2, which has vpcs and vpcc1. */
  command: string;
  /** The interfaces that cannot be mended without a restart. */
  restarts?: string[];
}

const damages: Record<string, Damage> = {
  "a conf was edited": { command: "echo '# edited' >> /etc/wireguard/vpcc1.conf" },
  "a conf was deleted": { command: "rm /etc/wireguard/vpcs.conf" },
  "a conf was opened to everybody": { command: "chmod 644 /etc/wireguard/vpcs.conf" },
  "the keys were deleted": { command: "rm /var/lib/fakevpc/vpc/keys" },
  "everything we keep was deleted": { command: "rm -r /var/lib/fakevpc" },
  "the block in /etc/hosts was edited": { command: "sed -i 's/^192.168.1.1 .*/192.168.1.99 server1/' /etc/hosts" },
  "the block in /etc/hosts was deleted": { command: "sed -i '/fakevpc vpc: begin/,/fakevpc vpc: end/d' /etc/hosts" },
  "a unit was stopped": { command: "systemctl stop wg-quick@vpcs", restarts: ["server2 vpcs"] },
  "a unit was disabled": { command: "systemctl disable --quiet wg-quick@vpcs" },
  "wireguard-go was killed": {
    command: "pkill -KILL -f '[w]ireguard-go vpcc1'; while ip link show vpcc1; do sleep 0.1; done 2> /dev/null",
    restarts: ["server2 vpcc1"],
  },
  "an interface was started again by hand": {
    command: "systemctl stop wg-quick@vpcs && wg-quick up vpcs 2> /dev/null",
    restarts: ["server2 vpcs"],
  },
  "an interface was deleted": { command: "ip link delete vpcs", restarts: ["server2 vpcs"] },
  "an address was removed": { command: "ip address flush dev vpcc1", restarts: ["server2 vpcc1"] },
  "a route was removed": { command: "ip route delete 192.168.1.1 dev vpcc1", restarts: ["server2 vpcc1"] },
  "a peer was removed": { command: "wg set vpcs peer $(wg show vpcs peers) remove" },
  "a peer got other allowed IPs": { command: "wg set vpcs peer $(wg show vpcs peers) allowed-ips 192.168.2.9/32" },
  "the private key was changed": { command: "wg genkey | wg set vpcs private-key /dev/stdin" },
  "forwarding was switched off": { command: "echo 0 > /proc/sys/net/ipv4/conf/vpcs/route_localnet" },
  "the rule set was flushed": { command: "nft flush ruleset" },
  "a chain of the isolation was flushed": { command: "nft flush chain inet fakevpc_vpc isolation_in" },
  "the firewall's unit was deleted": { command: "rm /etc/systemd/system/fakevpc-vpc-firewall.service" },
  "a forwarder was stopped": { command: `systemctl stop ${forwarder}` },
  "the forwarders' unit was deleted": { command: "rm /etc/systemd/system/fakevpc-vpc-service-echo-8888.service" },
  "the timer was disabled and stopped": { command: "systemctl disable --quiet --now fakevpc-vpc-watch.timer" },
};

for (const [at, [what, { command, restarts = [] }]] of Object.entries(damages).entries()) {
  test(what, async () => {
    const interfaces = await interfacesOf(mesh, names);
    const running = await mesh.on("server2", forwarders);
    await mesh.on("server2", command);
    assert.notDeepEqual(await wrong(), [], "the damage shows");
    mesh.config.reapply = `after damage ${at}`;
    await mesh.up();
    assert.deepEqual(await wrong(), []);
    assert.deepEqual(await restartedSince(mesh, interfaces), restarts);
    if (!what.includes("forwarder")) assert.equal(await mesh.on("server2", forwarders), running);
    await mesh.untilAllAnswer();
  });
}
