import type * as pulumi from "@pulumi/pulumi";

/** The mesh: its servers, and what all of them share. */
export interface FakeVpcArgs {
  /** The servers by name: plain names, as Pulumi needs to know in a preview which resources there will be. */
  servers: Record<string, ServerArgs>;
  /** How every server is reached by SSH, unless it says otherwise itself. Default: root, port 22, the ssh-agent's keys. */
  ssh?: SshArgs;
  /** Services by name that listen on 127.0.0.1 of a server, for the members of the mesh alone. Default: none. */
  services?: Record<string, ServiceArgs>;
  /** The domain of the servers' names in each `/etc/hosts`. Default: `vpcdomain`. */
  domain?: string;
  /** The mesh uses 192.168.N.0/24 from this N on: server 1 has this one, server 2 the next. 0-255, default 1. */
  ifaceIpOffset?: number;
  /** How interfaces, units and files of this mesh are called on a server. Up to 7 letters and digits, default `vpc`. */
  prefix?: string;
  /**
   * The network of addresses that are the same from everywhere, one for each server: server i is the i-th of it. A private
   * one or from 100.64/10, /24 or larger, of which the first 256 are used. Default: none.
   *
   * @example "10.77.0.0/16"
   */
  network?: string;
  /**
   * The same in IPv6: a unique local network of 48 bits, or "auto" for one that is made of the mesh's id. Default: none.
   *
   * @example "fd12:3456:789a::/48"
   */
  network6?: string;
  /** What names in `/etc/hosts` yield: `seed`, the address of each pair, or `stable`, the one of `network`. Default: seed. */
  names?: string;
  /**
   * Upgrade a server's packages, and reboot it if that changed anything. Once per server, when it is first asked for;
   * not at every `pulumi up`. Default: false.
   */
  updateUpgradeServers?: boolean;
  /** Any text. Whenever it changes, every server is looked at again, and what is not as it should be is put right. */
  reapply?: string;
  /** Any short text. Whenever it changes, every server gets a new key; one with a given `privateKey` keeps that. */
  keyVersion?: string;
  /** Any short text. Whenever it changes, every pair of servers gets a new preshared key. */
  presharedKeyVersion?: string;
  /**
   * Tell a server's own firewall (ufw or firewalld, where one is running) to let in WireGuard's port, and what comes by the
   * mesh. Default: false, the firewall is left alone.
   */
  openFirewall?: boolean;
  /** Bytes of the largest packet inside a tunnel, 1280-9000. Default: what wg-quick finds, usually 1420. */
  mtu?: number;
  /** Seconds between the packets that keep a path through NAT open, 1-65535. The dialling side sends them. Default: 25. */
  persistentKeepalive?: number;
}

/** One server. Every Input may be the output of a resource that does not exist yet. */
export interface ServerArgs {
  /** The IP address or host name where SSH reaches the server. */
  address: pulumi.Input<string>;
  /** Its place in the mesh, 1-254, which its addresses come from. Default: the number that its name ends in. */
  index?: number;
  /** The IP address or host name that peers dial. A name is looked up by each peer, twice a minute. Default: `address`. */
  endpoint?: pulumi.Input<string>;
  /** The UDP port that peers dial at `endpoint`, where a router forwards another one to `wgPort`. Default: `wgPort`. */
  endpointPort?: pulumi.Input<number>;
  /**
   * Whether peers can dial this server. Of those that cannot be dialled, behind NAT or a firewall, a mesh has one at most,
   * and its index is the highest. Default: true.
   */
  public?: boolean;
  /** The UDP port where WireGuard listens. Default: 51820 plus the index. */
  wgPort?: pulumi.Input<number>;
  /** Default: `ssh.port`. */
  sshPort?: pulumi.Input<number>;
  /** root, or a user with sudo that asks for no password. Default: `ssh.user`. */
  user?: pulumi.Input<string>;
  /** The server's SSH host key, "ssh-ed25519 AAAA…". Without it, whoever answers at the address is believed. */
  hostKey?: pulumi.Input<string>;
  /** This server's own SSH key. Default: `ssh.privateKey` or `ssh.privateKeyFile`. */
  sshPrivateKey?: pulumi.Input<string>;
  /** A file with this server's own SSH key. */
  sshPrivateKeyFile?: string;
  /** What decrypts this server's own SSH key. */
  sshPrivateKeyPassphrase?: pulumi.Input<string>;
  /** The bastion through which SSH reaches this server. Default: `ssh.proxy`. */
  proxy?: ProxyArgs;
  /**
   * The LAN that this server is in, by any name. Servers of one site dial each other there, so that several private servers
   * can be in one mesh. Default: none.
   */
  site?: string;
  /** The IP address that servers of the same site dial. Default for a private server: `address`. */
  lanAddress?: pulumi.Input<string>;
  /**
   * Public servers through which those meet this private one that cannot dial it, in the order in which they are tried. They
   * hand on encrypted packets and have no key of the pair. Default: none.
   */
  relay?: string[];
  /**
   * Networks behind this server that the others reach through it, /8 at the largest. Default: none.
   *
   * @example ["192.168.50.0/24"]
   */
  routes?: string[];
  /** Whether the networks in `routes` see this server's own address, and so need no route back. Default: true. */
  masquerade?: boolean;
  /** The WireGuard private key that the server has already, as `wg genkey` prints it. Default: a new one, kept for ever. */
  privateKey?: pulumi.Input<string>;
  /**
   * The server is gone for good and cannot be reached: its peers forget it and nothing dials it any more. After one
   * `pulumi up` its entry may be dropped. Default: false.
   */
  retired?: boolean;
  /** As `reapply` of the mesh, for this server alone. */
  reapply?: string;
  /** As `keyVersion` of the mesh, for this server alone. */
  keyVersion?: string;
}

/** How servers are reached by SSH. */
export interface SshArgs {
  /** Default: root. */
  user?: pulumi.Input<string>;
  /** Default: 22. */
  port?: pulumi.Input<number>;
  /** The private key itself, as ssh-keygen writes it. Default: the ssh-agent's keys. */
  privateKey?: pulumi.Input<string>;
  /** A file with the private key; `~/` is the home of whoever runs Pulumi. */
  privateKeyFile?: string;
  /** What decrypts the private key, if it is encrypted. */
  privateKeyPassphrase?: pulumi.Input<string>;
  /** A bastion through which every server is reached. Default: none. */
  proxy?: ProxyArgs;
  /**
   * Seconds for which a server that does not answer is tried again, 5-3600. More than 60 are for servers that may be
   * starting still: without a bastion, one that refuses connections is waited for, too. Default: 60.
   */
  connectTimeout?: number;
  /**
   * How many SSH connections a `pulumi up` begins within half a minute to one address, a bastion's too, 1-1000. Firewalls
   * that count them (`ufw limit`) refuse the sixth; where none does, 1000 is quicker behind a bastion. Default: 4.
   */
  connectionLimit?: number;
}

/** A bastion: a server that SSH connections to the others go through. What it does not say is as for the servers. */
export interface ProxyArgs {
  /** Its IP address or host name. */
  address: pulumi.Input<string>;
  /** Default: `ssh.user`. */
  user?: pulumi.Input<string>;
  /** Default: 22. */
  port?: pulumi.Input<number>;
  /** Default: `ssh.privateKey`. */
  privateKey?: pulumi.Input<string>;
  /** A file with its private key. */
  privateKeyFile?: string;
  /** What decrypts its private key. */
  privateKeyPassphrase?: pulumi.Input<string>;
  /** Its SSH host key. Without it, whoever answers at the address is believed. */
  hostKey?: pulumi.Input<string>;
}

/** A service that listens on 127.0.0.1 of its server. */
export interface ServiceArgs {
  /** The name of the server that it runs on. */
  server: string;
  /** Its TCP port, on 127.0.0.1 as on every mesh address. */
  port: number;
  /** Who forwards: `socat` (a process for each address) or `nftables` (in the kernel). Default: `socat`. */
  forward?: string;
}

/** A server of the mesh as its peers know it. */
export interface ServerOutputs {
  index: number;
  publicKey: string;
  /** Where peers dial it, as `address:port`; none for a private server. */
  endpoint?: string;
  /** Its one address for everybody, where the mesh has a `network`. */
  address?: string;
  /** The same in IPv6, where it has a `network6`. */
  address6?: string;
  /** The address of each server as seen from this one. */
  addresses: Record<string, string>;
}
