import type { Member, World } from "./world";

/** Edits of a stack's config, by what they are. One that does not fit the mesh as it is says so, and another is drawn. */
export const changes: Record<string, (world: World) => boolean> = {
  "a server joins": (world) => {
    const newcomer = world.dice.pick(world.outsiders);
    // One stays outside, to knock; another index may have taken the newcomer's.
    if (world.outsiders.length < 2 || world.indexes.includes(Number(/\d+$/.exec(newcomer.name)![0]))) return false;
    world.enter(newcomer);
    return true;
  },
  "a server leaves": (world) => {
    if (world.members.length < 3) return false;
    world.leave(world.dice.pick(world.sound));
    return true;
  },
  "a server is renamed": (world) => {
    const member = world.dice.pick(world.sound);
    world.rename(member, `name-${world.fresh()}`);
    return true;
  },
  "another index": (world) => {
    const member = world.dice.pick(world.members.filter(({ server }) => !server.nat));
    const free = Array.from({ length: 40 }, (_, at) => at + 1).filter((index) => !world.indexes.includes(index));
    world.entry(member).index = world.dice.pick(free);
    return true;
  },
  "another port": (world) => edit(world, "wgPort", 4000 + world.fresh()),
  "another user": (world) => edit(world, "user", world.dice.pick(["root", "ops"])),
  "a new key": (world) => edit(world, "keyVersion", `key.${world.fresh()}0`),
  "new keys for all": (world) => set(world, "keyVersion", `keys.${world.fresh()}0`),
  "new preshared keys": (world) => set(world, "presharedKeyVersion", `2026.${world.fresh()}0`),
  "another domain": (world) => set(world, "domain", `domain${world.fresh()}.internal`),
  "other ranges": (world) => set(world, "ifaceIpOffset", 1 + world.dice.below(50)),
  "another network, or none": (world) => {
    set(world, "network", world.dice.pick([undefined, "10.77.0.0/16", "10.78.0.0/24"]));
    return set(world, "names", world.mesh.config.network && world.dice.chance(0.5) ? "stable" : undefined);
  },
  "the servers' own firewalls": (world) => set(world, "openFirewall", world.dice.chance(0.5)),
  "another MTU": (world) => set(world, "mtu", world.dice.pick([1280, 1380, 1400])),
  "another keepalive": (world) => set(world, "persistentKeepalive", world.dice.pick([15, 20, 25])),
  "a service": (world) => {
    const services = { ...(world.mesh.config.services as object) };
    const server = world.dice.pick(world.members).name;
    const number = world.fresh();
    const name = `echo${number}`;
    const forward = world.dice.pick(["socat", "nftables"]);
    world.listensAt.set(name, world.dice.pick(["127.0.0.1", "0.0.0.0"]));
    world.mesh.config.services = { ...services, [name]: { server, port: 8000 + number, forward } };
    return true;
  },
  "a service less": (world) => {
    const services = (world.mesh.config.services ?? {}) as Record<string, unknown>;
    const names = Object.keys(services);
    if (names.length === 0) return false;
    delete services[world.dice.pick(names)];
    return true;
  },
  nothing: () => true,
};

function edit(world: World, field: string, value: unknown): boolean {
  world.entry(world.dice.pick(world.members))[field] = value;
  return true;
}

function set(world: World, field: string, value: unknown): boolean {
  if (value === undefined) delete world.mesh.config[field];
  else world.mesh.config[field] = value;
  return true;
}

/** What somebody does on a server in the mesh; the next up is asked to look at it again. */
export const faults: Record<string, string | ((member: Member, world: World) => Promise<void>)> = {
  "confs were edited": "for conf in /etc/wireguard/vpc*.conf; do echo '# edited' >> $conf; done",
  "a conf was deleted": "rm /etc/wireguard/vpcs.conf",
  "the keys were deleted": "rm /var/lib/fakevpc/vpc/keys",
  "all that we keep was deleted": "rm -r /var/lib/fakevpc",
  "the block in /etc/hosts was deleted": "sed -i '/fakevpc vpc: begin/,/fakevpc vpc: end/d' /etc/hosts",
  "a unit was stopped": "systemctl stop wg-quick@vpcs",
  "wireguard-go was killed": "pkill -KILL -f '[w]ireguard-go vpcs' || true",
  "an interface was deleted": "ip link delete vpcs",
  "the rule set was flushed": "nft flush ruleset",
  "nftables was restarted": "systemctl restart nftables",
  "nftables was stopped": "systemctl stop nftables",
  "the addresses on lo were lost": "ip address flush dev lo to 10.0.0.0/8",
  "a route was lost": "ip route flush dev vpcs",
  "networkd was restarted": "systemctl restart systemd-networkd",
  "the timer was stopped": "systemctl stop fakevpc-vpc-watch.timer",
  "a peer was removed": "for peer in $(wg show vpcs peers | head -n 1); do wg set vpcs peer $peer remove; done",
  "the private key was changed": "wg genkey | wg set vpcs private-key /dev/stdin",
  "the server rebooted": ({ server }) => server.reboot(),
  "the power was cut": ({ server }) => server.reboot({ hard: true }),
  "the server was rebuilt": async (member, world) => {
    await member.server.reset();
    world.entry(member).hostKey = member.server.hostKey;
  },
};
