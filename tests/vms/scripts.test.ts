import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createListener } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterEach, beforeAll, beforeEach, test } from "@jest/globals";
import { packageFile } from "../../components/packageFile";
import { ensureNeeds } from "../../lab/needs";
import { type Result, run } from "../../lab/process";

const example = packageFile("examples/vms");
let directory: string;
let cache: string;

beforeAll(() => ensureNeeds(["vms"], () => {}));

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "fakevpc-scripts-"));
  cache = path.join(directory, "images");
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function script(argv: string[], variables: Record<string, string>): Promise<Result> {
  const [file, ...rest] = argv;
  const env = { ...process.env, ...variables };
  return run(["sh", path.join(example, file!), ...rest], { env, allowFailure: true });
}

/** A web server with these files; `requests` tells what it was asked for. */
async function serve(
  files: Record<string, string | Buffer>,
): Promise<{ url: string; requests: string[]; end(): void }> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url!);
    const content = files[request.url!];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, end: () => server.close() };
}

async function cloudImage(): Promise<Buffer> {
  const file = path.join(directory, "cloud.img");
  await run(["qemu-img", "create", "-q", "-f", "qcow2", file, "1M"]);
  return readFileSync(file);
}

const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");

async function sizeOf(image: string): Promise<number> {
  const { stdout } = await run(["qemu-img", "info", "--output=json", path.join(image, "disk.qcow2")]);
  return JSON.parse(stdout)["virtual-size"];
}

test("a cloud image is downloaded once, if its checksum is right, and has room to grow", async () => {
  const image = await cloudImage();
  const sums = `${"0".repeat(64)} *other.img\n${sha256(image)} *cloud.img\n`;
  const web = await serve({ "/SHA256SUMS": sums, "/cloud.img": image });
  try {
    const variables = { IMAGE: `${web.url}/cloud.img`, CACHE: cache };
    const first = await script(["image.sh"], variables);
    const second = await script(["image.sh"], variables);
    assert.equal(first.stdout, `${path.join(cache, sha256(image))}\n`, first.stderr);
    assert.equal(second.stdout, first.stdout);
    assert.equal(web.requests.filter((url) => url === "/cloud.img").length, 1);
    assert.equal(await sizeOf(first.stdout.trim()), 20 * 2 ** 30);
  } finally {
    web.end();
  }
});

test("an image that is not what its checksum says is refused, and not kept", async () => {
  const image = await cloudImage();
  const web = await serve({ "/SHA256SUMS": `${"0".repeat(64)}  cloud.img\n`, "/cloud.img": image });
  try {
    const { code, stdout, stderr } = await script(["image.sh"], { IMAGE: `${web.url}/cloud.img`, CACHE: cache });
    assert.notEqual(code, 0);
    assert.equal(stdout, "");
    assert.match(stderr, /cloud\.img is not what its checksum says/);
    assert.deepEqual(Array.from(readdirSync(cache)), []);
  } finally {
    web.end();
  }
});

test("an image without a checksum is not downloaded at all", async () => {
  const web = await serve({ "/cloud.img": await cloudImage() });
  const listed = await serve({ "/SHA256SUMS": `${"0".repeat(64)}  other.img\n`, "/cloud.img": await cloudImage() });
  try {
    const missing = await script(["image.sh"], { IMAGE: `${web.url}/cloud.img`, CACHE: cache });
    const unlisted = await script(["image.sh"], { IMAGE: `${listed.url}/cloud.img`, CACHE: cache });
    assert.match(missing.stderr, /no checksum .* give its path/s);
    assert.match(unlisted.stderr, /has no line for cloud\.img/);
    assert.deepEqual([missing.code, unlisted.code].includes(0), false);
    assert.deepEqual([...web.requests, ...listed.requests], ["/SHA256SUMS", "/SHA256SUMS"]);
  } finally {
    web.end();
    listed.end();
  }
});

test("a file of one's own is used as it is, and not changed", async () => {
  const image = await cloudImage();
  const file = path.join(directory, "cloud.img");
  const { stdout, stderr } = await script(["image.sh"], { IMAGE: file, CACHE: cache });
  assert.equal(await sizeOf(stdout.trim()), 20 * 2 ** 30, stderr);
  assert.deepEqual(readFileSync(file), image);
  const missing = await script(["image.sh"], { IMAGE: `${file}.not`, CACHE: cache });
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /there is no image .*cloud\.img\.not/);
});

test("a release that cannot be one is refused by name", async () => {
  const { code, stderr } = await script(["image.sh"], { IMAGE: "debian/../x", CACHE: cache });
  assert.notEqual(code, 0);
  assert.match(stderr, /^\.\.\/x is no release of Debian: give its name, as "debian\/trixie"$/m);
});

test("ports in use are all named before anything is made", async () => {
  const listener = createListener();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const machines = path.join(directory, "machines");
  try {
    const taken = await script(["directory.sh", "prepare"], { DIRECTORY: machines, PORTS: `tcp:${port} udp:${port}` });
    assert.notEqual(taken.code, 0);
    assert.match(taken.stderr, new RegExp(`in use on this machine: tcp:${port}\\. Set`));
    assert.equal(existsSync(machines), false);
    const free = await script(["directory.sh", "prepare"], { DIRECTORY: machines, PORTS: `udp:${port}` });
    assert.equal(free.code, 0, free.stderr);
    assert.equal(existsSync(machines), true);
  } finally {
    listener.close();
  }
});

test("KVM is used where it runs a machine, not where it is only there", async () => {
  // The way QEMU ends tells it: 33 is what the little machine makes it end with.
  for (const [status, expected] of [
    [33, "-accel kvm -cpu host\n"],
    [134, "-accel tcg,thread=multi -cpu max\n"],
  ] as const) {
    const qemu = path.join(directory, "qemu-system-x86_64");
    writeFileSync(qemu, `#!/bin/sh\nexit ${status}\n`);
    chmodSync(qemu, 0o755);
    const { stdout } = await script(["accelerator.sh"], { PATH: `${directory}:${process.env.PATH}` });
    assert.equal(stdout, existsSync("/dev/kvm") ? expected : "-accel tcg,thread=multi -cpu max\n");
  }
});

test("the little machine that tries KVM does run", async () => {
  // The same machine, emulated: a wrapper puts TCG in the place of KVM.
  if (!existsSync("/dev/kvm")) return;
  const qemu = path.join(directory, "qemu-system-x86_64");
  const { stdout: real } = await run(["sh", "-c", "command -v qemu-system-x86_64"]);
  writeFileSync(qemu, `#!/bin/sh\nshift 4\nexec ${real.trim()} -accel tcg "$@"\n`);
  chmodSync(qemu, 0o755);
  const { stdout } = await script(["accelerator.sh"], { PATH: `${directory}:${process.env.PATH}` });
  assert.equal(stdout, "-accel kvm -cpu host\n");
});
