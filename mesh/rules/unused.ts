import type { MeshConfig } from "../config";
import { isGiven, keyPlaces } from "../keyPlaces";
import type { Problem } from "../problem";

/** Settings that nothing makes use of, for something beside them is missing. */
export function unusedSettings(config: MeshConfig): Problem[] {
  const ofServers = Object.entries(config.servers).flatMap(([name, server]) => {
    const path = `servers.${name}`;
    const outside = (["endpoint", "endpointPort"] as const).filter((field) => server[field] !== undefined);
    return [
      ...(server.public === false ? outside : []).map((field) => ({
        path: `${path}.${field}`,
        message: "nobody dials a private server there: leave it out, or leave out `public: false`",
      })),
      ...(server.lanAddress !== undefined && server.site === undefined
        ? [{ path: `${path}.lanAddress`, message: "nobody dials it there without a site: give one" }]
        : []),
    ];
  });
  const passphrases = keyPlaces(config)
    .filter((place) => place.passphrase !== undefined && !isGiven(place))
    .map(({ path, names }) => ({
      path: `${path}.${names.passphrase}`,
      message: `decrypts nothing: give ${names.file} or ${names.key} beside it`,
    }));
  return [...ofServers, ...passphrases];
}
