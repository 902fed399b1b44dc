import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "@jest/globals";
import { Lab } from "../../lab/servers/lab";
import { Clone, fails, succeeds } from "./clone";

// Two servers that somebody joined by hand, with wg-quick and one network.
let lab: Lab;
let clone: Clone;
const publicKeys: Record<string, string> = {};

beforeAll(async () => {
  lab = await Lab.up({ servers: ["web", "db"].map((name) => ({ name, packages: true })) });
  clone = await Clone.make(lab);
  for (const name of ["web", "db"]) publicKeys[name] = await on(name, "wg genkey | tee /root/key | wg pubkey");
  await byHand("web", "10.0.0.1/24", "db", "10.0.0.2/32");
  await byHand("db", "10.0.0.2/24", "web", "10.0.0.1/32");
});

afterAll(async () => {
  await lab?.down();
  clone?.remove();
});

async function on(server: string, command: string): Promise<string> {
  return (await lab.server(server).exec(["sh", "-c", command])).stdout.trim();
}

async function byHand(name: string, address: string, peer: string, allowed: string): Promise<void> {
  const own = `[Interface]\nAddress = ${address}\nListenPort = 51900\nPrivateKey = $(cat /root/key)\nPostUp = true`;
  const other = `[Peer]\nPublicKey = ${publicKeys[peer]}\nAllowedIPs = ${allowed}\nEndpoint = ${lab.server(peer).address}:51900`;
  await on(name, `printf '%s\\n' "${own}\n${other}" > /etc/wireguard/wg0.conf && systemctl enable --now wg-quick@wg0`);
}

const adopt = (...more: string[]) => {
  const places = ["web", "db"].map((name) => lab.server(name).address);
  return clone.fakevpc("adopt", "--stack", "prod", "--identity", lab.keyFile, ...places, ...more);
};

test("a mesh made by hand is taken over with its keys, and what cannot be is said", async () => {
  assert.match(await on("db", "ping -c 3 -i 0.2 10.0.0.1"), / 0% packet loss/);
  await fails(adopt(), /the host key of \S+ is SHA256/);
  const said = await succeeds(adopt("--accept-host-keys"));
  assert.match(said, /Pulumi\.prod\.yaml is written, with web, db and the keys that they have/);
  assert.match(
    said,
    /Not taken over:\n {2}web: PostUp of wg0\n {2}db: PostUp of wg0\n {2}the addresses 10\.0\.0\.1\/24, 10\.0\.0\.2\/24:/,
  );
  for (const name of ["web", "db"])
    assert.ok(!clone.config.includes(await on(name, "cat /root/key")), "no key in clear");
  const { code, stdout } = await clone.fakevpc("check");
  assert.equal(code, 1);
  assert.match(stdout, /web: UDP port 51900 is in use there/);

  for (const name of ["web", "db"]) {
    const command = /systemctl disable --now wg-quick@wg0/.exec(said)![0];
    await on(name, `${command} && mv /etc/wireguard/wg0.conf /root`);
  }
  await succeeds(clone.fakevpc("check"));
  await clone.up(2);
  assert.equal(await on("web", "wg show vpcs public-key"), publicKeys.web);
  assert.equal(await on("db", "wg show vpcc1 public-key"), publicKeys.db);
  assert.equal(await on("web", "wg show vpcs listen-port"), "51900");
});
