import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { type TestMesh, unwatched } from "./support";

export const forwarder = "fakevpc-vpc-service-echo-8888.service";
/** Of server2. */
export const meshAddresses = ["192.168.2.1", "192.168.1.2"];
export const stable = "10.77.0.2";
export const stable6 = "fd12:3456:789a::2";

const echoAt = (...addresses: string[]) => addresses.map((address) => `echo ${address}:8888`);
const ownAt = (...addresses: string[]) => addresses.map((address) => `own ${address}:8888`);
const forwardersAt = (...addresses: string[]) =>
  addresses.map((address) => `${forwarder.replace(".service", "")} ${address}:8888`);
export const asUsual = [...echoAt("127.0.0.1"), ...forwardersAt(...meshAddresses, stable, `[${stable6}]`)];

/** Where a service of the operator's listens, who listens then, and where echo answers. */
export const itself: Record<string, { binds: string[]; listening: string[]; told: string; answers: string[] }> = {
  everywhere: {
    binds: [""],
    listening: ownAt("0.0.0.0"),
    told: "192.168.2.1:8888 itself",
    answers: ["192.168.2.1", stable],
  },
  "on the stable address alone": {
    binds: [stable],
    listening: ownAt(stable),
    told: `${stable}:8888 itself`,
    answers: [stable],
  },
  "on the stable address and 127.0.0.1": {
    binds: [stable, "127.0.0.1"],
    listening: [...ownAt(stable, "127.0.0.1"), ...forwardersAt(...meshAddresses, `[${stable6}]`)],
    told: `${stable}:8888 itself`,
    answers: ["192.168.2.1", stable, stable6],
  },
};

/** Who listens on port 8888 of server2, as the unit's name and the address. */
async function listeners(mesh: TestMesh): Promise<string[]> {
  const unit = "$(sed -n 's#^0::.*/\\(.*\\).service.*#\\1#p' /proc/$pid/cgroup)";
  const sockets = `ss -Hltnp 'sport = :8888' | sed 's/.* \\([^ ]*:8888\\) .*pid=\\([0-9]*\\).*/\\1 \\2/'`;
  const said = await mesh.on("server2", `${sockets} | while read -r address pid; do echo "${unit} $address"; done`);
  return said.split("\n").filter(Boolean).sort();
}

/** Starts the operator's own service on server2, bound as he likes. */
export async function serve(mesh: TestMesh, port: number, binds: string[]): Promise<void> {
  const each = binds.map((bind) => `socat -d0 TCP4-LISTEN:${port}${bind && `,bind=${bind}`},fork,reuseaddr EXEC:cat &`);
  await mesh.on("server2", `systemd-run --quiet --collect --unit=own sh -c '${each.join(" ")} wait'`);
}

export async function untilListening(mesh: TestMesh, expected: string[]): Promise<void> {
  let last: string[] = [];
  const arrived = async () => {
    last = await listeners(mesh);
    return last.join() === [...expected].sort().join();
  };
  await waitUntil(arrived, 60, `the listeners ${expected}`).catch((error: Error) => {
    throw new Error(`${error.message}; there are ${last}`);
  });
}

/** The watch of these servers would put right what a test takes away, so it stands still until the test has ended. */
export async function withoutWatch(mesh: TestMesh, ...names: string[]): Promise<void> {
  for (const name of names) {
    await mesh.on(name, unwatched);
    afterThis(() => mesh.on(name, "systemctl start fakevpc-vpc-watch.timer"));
  }
}
