import fc from "fast-check";
import type { MeshConfig } from "../../mesh/config";

interface Shape {
  indexes: number[];
  shift: number;
  highestIsPrivate: boolean;
  ipv6: boolean;
  ownPorts: boolean;
}

/** Any mesh that the rules allow, of at least so many servers. */
export function anyMesh(least = 1): fc.Arbitrary<MeshConfig> {
  return fc
    .record<Shape>({
      indexes: fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: least, maxLength: 8 }),
      shift: fc.nat(),
      highestIsPrivate: fc.boolean(),
      ipv6: fc.boolean(),
      ownPorts: fc.boolean(),
    })
    .map(meshOfShape);
}

function meshOfShape({ indexes, shift, highestIsPrivate, ipv6, ownPorts }: Shape): MeshConfig {
  const highest = Math.max(...indexes);
  const servers = indexes.map((index, at) => [
    at % 2 ? `server${index}` : `place-${at}-x`,
    {
      address: ipv6 ? `2001:db8::${at + 1}` : `203.0.113.${at + 1}`,
      ...(at % 2 ? {} : { index }),
      ...(ownPorts && { wgPort: 1000 + at, sshPort: 2200 + at }),
      ...(highestIsPrivate && index === highest && { public: false }),
    },
  ]);
  return { servers: Object.fromEntries(servers), ifaceIpOffset: shift % (257 - highest) };
}

/** The same mesh without one server. */
export function withoutServer(config: MeshConfig, name: string): MeshConfig {
  const { [name]: _, ...servers } = config.servers;
  return { ...config, servers };
}
