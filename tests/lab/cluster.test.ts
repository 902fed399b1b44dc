import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { Stack } from "../../lab/engine/stack";
import { waitUntil } from "../../lab/wait";
import { tell } from "../after";
import { TestMesh, testEngine } from "./support";

// Software that advertises one address: Debian's etcd, by the example's own program, PostgreSQL and Docker Swarm, all on stable ones.
let mesh: TestMesh;
let stack: Stack;
const directory = mkdtempSync(path.join(tmpdir(), "fakevpc-etcd-"));
const names = ["server1", "server2", "server3"];
const install =
  "export DEBIAN_FRONTEND=noninteractive; apt-get -qq update; apt-get -qq install --no-install-recommends";
const stable = (name: string) => `10.77.0.${name.slice(-1)}`;

beforeAll(async () => {
  mesh = await TestMesh.start(names.map((name) => ({ name, packages: true, containers: true })));
  stack = await etcdExample();
  await stack.up();
  await mesh.untilAllAnswer();
  await Promise.all(["server1", "server2"].map((name) => mesh.on(name, `(${install} postgresql-15) > /dev/null 2>&1`)));
});
afterAll(async () => {
  await mesh?.end();
  rmSync(directory, { recursive: true, force: true });
});

/** The example as a user has it once its packages are installed, with the lab's servers in its config. */
async function etcdExample(): Promise<Stack> {
  const program = path.join(directory, "examples/etcd");
  cpSync(packageFile("examples/etcd"), program, { recursive: true });
  mkdirSync(path.join(program, "node_modules"));
  symlinkSync(packageFile(), path.join(program, "node_modules/fakevpc"));
  symlinkSync(packageFile("node_modules"), path.join(directory, "node_modules"));
  const command = (argv: string[]) => mesh.lab.command(argv);
  const own = path.join(directory, "stack");
  const example = new Stack({ engine: await testEngine(), name: "test", directory: own, program, command });
  await example.setConfig({
    "fakevpc-etcd:servers": mesh.config.servers,
    "fakevpc-etcd:keyFile": mesh.lab.keyFile,
  });
  return example;
}

const endpoints = names.map((name) => `http://${stable(name)}:2379`).join(",");
const etcdctl = (server: string, words: string) =>
  mesh.on(server, `ETCDCTL_API=3 etcdctl --endpoints=${endpoints} --dial-timeout=2s --command-timeout=4s ${words}`, {
    allowFailure: true,
  });

async function isHealthy(): Promise<boolean> {
  return (await etcdctl("server1", "endpoint health 2>&1 | grep -c 'is healthy'")) === "3";
}

async function leader(): Promise<string> {
  const status = await etcdctl(
    "server1",
    "endpoint status --write-out=fields | grep -E '\"(MemberID|Leader|Endpoint)\"'",
  );
  const blocks = status.split(/(?="MemberID")/).filter(Boolean);
  const entries = blocks.map((block) => {
    const value = (key: string) => new RegExp(`"${key}" : "?([^"\\n]+)`).exec(block)?.[1];
    return { member: value("MemberID"), leader: value("Leader"), endpoint: value("Endpoint") };
  });
  const address = entries.find(({ member, leader: of }) => member !== undefined && member === of)?.endpoint;
  return names.find((name) => address?.includes(`${stable(name)}:`)) ?? "";
}

test("etcd elects a leader, survives its power cut, and has the data and the member again", async () => {
  assert.deepEqual((await stack.outputs()).endpoints, endpoints.split(","));
  await waitUntil(isHealthy, 120, "three healthy members");
  assert.equal(await etcdctl("server1", "put kept 123"), "OK");
  const old = await leader();
  const writer = names.find((name) => name !== old)!;
  await mesh.on(
    writer,
    `systemd-run --quiet --collect --unit=puts -p StandardOutput=file:/run/puts sh -c 'export ETCDCTL_API=3; while :; do etcdctl --endpoints=${endpoints} --dial-timeout=1s --command-timeout=1s put count "$(date +%s.%N)" > /dev/null 2>&1 && date +%s.%N; done'`,
  );
  const wrote = async () => Number(await mesh.on(writer, "wc -l < /run/puts"));
  await waitUntil(async () => (await wrote()) > 5, 30, "some writes");
  await mesh.lab.server(old).off({ hard: true });
  const before = await wrote();
  await waitUntil(async () => (await wrote()) > before + 20, 60, "writes without the old leader");
  await mesh.lab.server(old).on();
  await waitUntil(isHealthy, 120, "the member being healthy again");
  await mesh.on(writer, "systemctl stop puts");
  const times = (await mesh.on(writer, "cat /run/puts")).split("\n").map(Number);
  tell(
    `the longest gap between two writes: ${Math.max(...times.slice(1).map((time, at) => time - times[at]!)).toFixed(1)} s`,
  );
  assert.match(await etcdctl(old, "get kept"), /kept\n123/);
});

test("PostgreSQL streams to a standby, which catches up after a power cut", async () => {
  const asPostgres = (name: string, words: string) =>
    mesh.on(name, `su postgres -c "${words}"`, { allowFailure: true });
  const directory = "/etc/postgresql/15/main";
  await mesh.on(
    "server1",
    `printf "listen_addresses = '127.0.0.1, ${stable("server1")}'\n" > ${directory}/conf.d/mesh.conf; echo 'host replication copy ${stable("server2")}/32 trust' >> ${directory}/pg_hba.conf; systemctl restart postgresql@15-main`,
  );
  await asPostgres("server1", "createuser --replication copy");
  await mesh.on(
    "server2",
    `systemctl stop postgresql@15-main; rm -rf /var/lib/postgresql/15/main; su postgres -c 'pg_basebackup -h ${stable("server1")} -U copy -D /var/lib/postgresql/15/main -R'; systemctl start postgresql@15-main`,
  );
  await asPostgres("server1", "psql -c 'create table t (i int)'");
  const insert = (number: number) => asPostgres("server1", `psql -c 'insert into t values (${number})'`);
  const has = (number: number) => async () =>
    (await asPostgres("server2", `psql -Atc 'select count(*) from t where i = ${number}'`)) === "1";
  await insert(1);
  await waitUntil(has(1), 60, "the first row at the standby");
  const sender = await asPostgres("server1", "psql -Atc 'select client_addr from pg_stat_replication'");
  assert.equal(sender, stable("server2"));
  await mesh.lab.server("server2").off({ hard: true });
  await insert(2);
  await mesh.lab.server("server2").on();
  await waitUntil(has(2), 120, "the second row at the standby");
  await mesh.lab.server("server1").reboot({ hard: true });
  await waitUntil(async () => (await insert(3)).includes("INSERT"), 60, "the primary, bound to its stable address");
  await waitUntil(has(3), 120, "the third row at the standby");
});

test("a service of Docker Swarm reaches itself on two servers, in packets as large as the mesh's", async () => {
  const [first, second] = ["server1", "server2"] as const;
  // The lab's disks cannot carry Docker's, and no registry is in reach: the image is Debian's busybox.
  const image =
    "mkdir -p /tmp/tiny/bin; cp /bin/busybox /tmp/tiny/bin; for word in sh nc hostname nslookup ping; do ln -s busybox /tmp/tiny/bin/$word; done; tar -C /tmp/tiny -c . | docker import - tiny";
  const prepare = `mkdir /var/lib/docker; mount -t tmpfs tmpfs /var/lib/docker; (${install} docker.io busybox-static) > /dev/null 2>&1; ${image}`;
  await Promise.all([first, second].map((name) => mesh.on(name, prepare)));
  const own = (name: string) =>
    `--advertise-addr ${stable(name)} --listen-addr ${stable(name)}:2377 --data-path-addr ${stable(name)}`;
  await mesh.on(first, `docker swarm init ${own(first)}`);
  const token = await mesh.on(first, "docker swarm join-token -q worker");
  await mesh.on(second, `docker swarm join --token ${token} ${own(second)} ${stable(first)}:2377`);
  // Docker takes VXLAN's 50 bytes off by itself. The lab's kernel has no IPVS, so the service's name yields its tasks' addresses.
  await mesh.on(
    first,
    "docker network create -d overlay --opt com.docker.network.driver.mtu=1420 inner; docker service create --detach --name echo --mode global --endpoint-mode dnsrr --network inner --no-resolve-image tiny /bin/sh -c 'while :; do hostname | nc -l -p 7000; done'",
  );
  const inside = (name: string, words: string) =>
    mesh.on(name, `docker exec $(docker ps -q) ${words}`, { allowFailure: true });
  const tasks = async () => [...(await inside(first, "nslookup tasks.echo")).matchAll(/^Address: (10\..*)$/gm)];
  await waitUntil(async () => (await tasks()).length === 2, 120, "two tasks");
  const addresses = (await tasks()).map(([, address]) => address!);
  const fragments = () => mesh.on(first, "awk '/^Ip: [0-9]/ { print $15 + $20 }' /proc/net/snmp");
  const before = await fragments();
  for (const name of [first, second]) {
    const answer = (address: string) => inside(name, `sh -c 'echo | nc -w 5 ${address} 7000'`);
    const answers = async () => new Set((await Promise.all(addresses.map(answer))).filter(Boolean));
    await waitUntil(async () => (await answers()).size === 2, 60, `both tasks to answer ${name}`);
    for (const address of addresses) {
      assert.match(await inside(name, `ping -c 2 -W 5 -s ${1370 - 28} ${address}`), / 0% packet loss/);
    }
  }
  assert.match(await inside(first, "sh -c 'exec < /sys/class/net/eth0/mtu; read mtu; echo $mtu'"), /^1370$/);
  assert.equal(await fragments(), before);
});
