import { DeployKey, FakeVpc, type ServerArgs } from "fakevpc";
import { echoConfig, echoPort } from "./echo";
import { writeLogin } from "./login";
import { runScript } from "./script";
import { settings } from "./settings";
import { VirtualMachine } from "./VirtualMachine";

const names = Array.from({ length: settings.servers }, (_, at) => `server${at + 1}`);
const sshPorts = names.map((_, at) => settings.sshPort + at + 1);
const wgPorts = names.map((_, at) => settings.wgPort + at + 1);

const directory = runScript("directory", {
  create: "directory.sh prepare",
  delete: "directory.sh remove",
  environment: {
    DIRECTORY: settings.directory,
    PORTS: [...sshPorts.map((port) => `tcp:${port}`), ...wgPorts.map((port) => `udp:${port}`)].join(" "),
    REAPPLY: settings.reapply,
  },
});
const images = settings.image
  .split(",")
  .map((image, at) =>
    runScript(
      at === 0 ? "image" : `image${at + 1}`,
      { create: "image.sh", environment: { IMAGE: image, CACHE: settings.images } },
      { dependsOn: directory },
    ),
  );

const key = new DeployKey("vms");
const machines = names.map((name, at) => {
  const ports = { sshPort: sshPorts[at]!, wgPort: wgPorts[at]! };
  const cloudConfig = name === "server2" ? echoConfig : {};
  const image = images[at % images.length]!.stdout;
  return new VirtualMachine(name, { image, ...ports, publicKey: key.publicKey, cloudConfig });
});

// Every machine is at the same address, for this machine as for the others, and tells itself apart by its ports.
const members = machines.map(
  ({ address, hostKey }, at): ServerArgs => ({
    address,
    hostKey,
    sshPort: sshPorts[at],
    wgPort: wgPorts[at],
    endpoint: "10.0.2.2",
    ...(settings.relay && at > 0 && { public: false, relay: [names[0]!] }),
  }),
);
const mesh = new FakeVpc("vms", {
  servers: Object.fromEntries(names.map((name, at) => [name, members[at]!])),
  ssh: { user: "ubuntu", privateKey: key.privateKey, connectTimeout: 300 },
  network: settings.network,
  services: names.includes("server2") ? { echo: { server: "server2", port: echoPort } } : {},
});

export const sshConfig = writeLogin(
  key.privateKey,
  machines.map(({ hostKey }, at) => ({ name: names[at]!, port: sshPorts[at]!, hostKey })),
  { dependsOn: directory },
);
export const servers = mesh.servers;
