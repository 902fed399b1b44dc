import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { pageData } from "../../cli/page/pageData";
import { renderPage } from "../../cli/page/renderPage";
import { packageFile } from "../../components/packageFile";
import { endSession, type Result, run } from "../../lab/process";
import { waitUntil } from "../../lab/wait";
import { afterThis } from "../after";
import { browserIn, type LabBrowser } from "./browser";
import { TestMesh } from "./support";

const command = packageFile("dist/cli/main.js");
const phone = { width: 375, height: 800 };
const desk = { width: 1280, height: 830 };

let mesh: TestMesh;
let chromium: LabBrowser;
let page: Page;
let address: string;
let temporary: string;
let leader: number;
let ended: Promise<Result>;

beforeAll(async () => {
  temporary = mkdtempSync(path.join(tmpdir(), "fakevpc-page-"));
  mesh = await TestMesh.start([
    { name: "server1", packages: true },
    { name: "server2", packages: true, suite: "trixie" },
    { name: "server3", packages: true, nat: true },
  ]);
  await mesh.up();
  chromium = await browserIn(mesh.lab);
  address = await startDashboard();
  page = await chromium.browser.newPage({ viewport: desk });
  await page.goto(address);
});

afterAll(async () => {
  await chromium?.close();
  if (leader) endSession(leader);
  await mesh?.end();
  rmSync(temporary, { recursive: true, force: true });
});

/** Starts `fakevpc dashboard` and returns the address that it says. */
function startDashboard(): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    ended = mesh.stack.run([process.execPath, command, "dashboard", "--port", "0", "--stack", "test"], {
      env: { TMPDIR: temporary },
      allowFailure: true,
      onStart: (pid) => {
        leader = pid;
      },
      onOutput: (text) => {
        said += text;
        const found = /http:\S+\//.exec(said)?.[0];
        if (found) resolve(found);
      },
    });
    ended.then(({ stdout, stderr }) => reject(new Error(`the dashboard ended: ${stdout}${stderr}`)), reject);
  });
}

/** The state of each link in the picture, by its label: the address of who dials. */
function picture(): Promise<string[]> {
  return page.evaluate(() => {
    const shadow = document.querySelector(".picture div")!.shadowRoot!;
    return [...shadow.querySelectorAll(".arrow")].map((arrow) => arrow.getAttribute("class")!.replace(/.*line-/, ""));
  });
}

/** The colour that the browser draws this in. */
function colourOf(text: string): Promise<string> {
  return page.evaluate((words) => {
    const found = [...document.querySelectorAll(".matrix a")].find(({ textContent }) => textContent!.includes(words));
    return getComputedStyle(found!).color;
  }, text);
}

/** Logs in as the lab's operator does, by sshd's own count since the server's start. */
async function logins(server: string): Promise<number> {
  return Number(await mesh.on(server, "journalctl --boot --unit=ssh | grep -c Accepted || true"));
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  await waitUntil(holds, 90, what).catch(async (error: Error) => {
    throw new Error(`${error.message}; the page: ${await text("main")}`);
  });
}

const text = async (selector: string) => (await page.locator(selector).textContent()) ?? "";
const verdict = () => text("#verdict");
const wrong = () => text(".findings");
const picturedAs = async (...states: string[]) => (await picture()).join() === states.join();

test("a healthy mesh is green, in every light, and its lines grow over one connection a server", async () => {
  await until("all is well", async () => (await verdict()) === "✓ all is well" && picturedAs("up", "up", "up"));
  const light = await colourOf("ms");
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await colourOf("ms");
  await page.emulateMedia({ colorScheme: "light" });
  assert.deepEqual([light, dark], ["rgb(26, 127, 55)", "rgb(63, 185, 80)"]);

  const before = await logins("server1");
  const steps = () => page.evaluate(() => document.querySelector(".round-trip")!.getAttribute("d")!.split("h1").length);
  const start = await steps();
  await until("three more looks", async () => (await steps()) >= start + 3);
  assert.equal(await logins("server1"), before);
});

test("a phone's width holds it, and the keyboard reaches every link", async () => {
  afterThis(() => page.setViewportSize(desk));
  await page.setViewportSize(phone);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, phone.width, "nothing sticks out");
  await page.keyboard.press("Tab"); // the matrix
  await page.keyboard.press("Tab"); // its first link
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const target = await page.evaluate(() => document.querySelector(":target")!.querySelector("strong")!.textContent);
  assert.equal(target, "server2 – server3");
  await page.goto(address);
});

test("a link that is cut turns red, and a drifted file appears with its remedy", async () => {
  afterThis(() => mesh.lab.server("server1").heal());
  afterThis(() => mesh.on("server3", "mv /etc/hosts.saved /etc/hosts"));
  await mesh.lab.server("server1").partition("server2");
  await mesh.on("server3", "sed -i.saved '/server2/d' /etc/hosts");
  await until("a red link and a finding", async () => {
    return picturedAs("down", "up", "up").then(async (is) => is && /\/etc\/hosts/.test(await wrong()));
  });
  assert.equal(await colourOf("no answer"), "rgb(207, 34, 46)");
  assert.match(await wrong(), /server1 – server2: (link down|no handshake)[\s\S]*→ let UDP from server2 reach/);
  assert.match(await wrong(), /server3: .*\/etc\/hosts[\s\S]*→ .*pulumi up/);
  assert.match(await verdict(), /^✗ \d problems$/);
  // The picture in docs/ was made by this: FAKEVPC_PICTURE=docs/dashboard.png.
  const file = process.env.FAKEVPC_PICTURE ?? path.join(temporary, "picture.png");
  await page.screenshot({ path: file, fullPage: true });
  assert.ok(readFileSync(file).length > 10_000);
  rmSync(path.join(temporary, "picture.png"), { force: true });
});

test("metrics and the page as a file say the same", async () => {
  await until("all is well again", async () => (await verdict()) === "✓ all is well");
  const [metrics, html] = ["mesh.prom", "mesh.html"].map((name) => path.join(temporary, name)) as [string, string];
  afterThis(() => {
    for (const file of [metrics, html]) rmSync(file);
  });
  const argv = [process.execPath, command, "status", "--stack", "test", "--prometheus"];
  await mesh.stack.run([...argv, "--output", metrics, "--html", html]);
  const text = readFileSync(metrics, "utf8");
  await run(["promtool", "check", "metrics"], { input: text, timeout: 60_000 });
  assert.equal(text.match(/^fakevpc_link_up\{.*\} 1$/gm)?.length, 6);
  assert.match(text, /^fakevpc_findings\{mesh="fakevpc"\} 0$/m);

  const file = await chromium.browser.newPage();
  await file.goto(`file://${html}`);
  assert.equal(await file.locator("#verdict").textContent(), "✓ all is well");
  assert.match((await file.locator(".matrix").textContent()) ?? "", /server3.*ms {2}0 %/);
  await file.close();
});

test("a server that goes and comes back is missed and found", async () => {
  const server = mesh.lab.server("server2");
  await server.unplug();
  await until("it is missed", async () => /server2: unreachable by SSH/.test(await wrong()));
  await server.off({ hard: true });
  await server.on();
  await until("it is found", async () => (await verdict()) === "✓ all is well");
  assert.equal(await logins("server2"), 2, "the lab's own, and the page's");
});

test("a connection that is cut is tried again, but not within ten seconds", async () => {
  const accepted = (part: string) =>
    mesh.on("server1", `journalctl --boot --unit=ssh --output=short-unix | sed -n 's/${part}: Accepted.*/\\1/p'`);
  const before = await logins("server1");
  const processes = (await accepted(".*\\[\\([0-9]*\\)\\]")).split("\n");
  await mesh.on("server1", `for each in ${processes.join(" ")}; do kill "$each" || true; done`);
  const cut = Number(await mesh.on("server1", "date +%s.%N"));
  await until("it is missed", async () => /server1: unreachable by SSH/.test(await wrong()));
  await until("it is found", async () => (await verdict()) === "✓ all is well");
  assert.equal(await logins("server1"), before + 1);
  const again = Number((await accepted("^\\([0-9.]*\\) .*")).split("\n").pop());
  assert.ok(again - cut > 9.5, `${again - cut} s`);
});

test("nothing secret is in the page, and it answers to its own name alone", async () => {
  const ask = (host: string, at = "") =>
    mesh.lab.run(["curl", "-s", "-m", "5", "-H", `Host: ${host}`, `${address}${at}`]);
  const { host } = new URL(address);
  const { stdout } = await ask(host);
  const keys = await mesh.onAll("cat /etc/wireguard/vpc*.conf | sed -n 's/^\\(PrivateKey\\|PresharedKey\\) = //p'");
  const secrets = new Set(Object.values(keys).flatMap((lines) => lines.split("\n")));
  assert.equal(secrets.size, 3 + 3, "a private key each, a preshared key a pair");
  for (const secret of [...secrets, readFileSync(mesh.lab.keyFile, "utf8").split("\n")[2]!]) {
    assert.ok(!stdout.includes(secret));
  }
  assert.match(stdout, /server1/);
  assert.match((await ask("evil.example:80")).stdout, /^This page answers at 127\.0\.0\.1:\d+ alone\.$/m);
  assert.match((await ask("evil.example:80", "events")).stdout, /^This page answers at/);
  assert.match((await ask(host, "etc")).stdout, /^There is one page/);
});

test("a script among a server's words does not run", async () => {
  const words = "<img src=x onerror=document.title='ran'></script><script>document.title='ran'</script>";
  const findings = [{ kind: "drift" as const, servers: ["server1"], message: words, remedy: words }];
  const shown = { name: "net", servers: ["server1"], matrix: [[{ text: words }]], findings, links: [] };
  const html = path.join(temporary, "words.html");
  afterThis(() => rmSync(html));
  writeFileSync(html, renderPage(pageData([shown], { live: false })));
  const file = await chromium.browser.newPage();
  await file.goto(`file://${html}`);
  assert.ok(((await file.locator(".findings").textContent()) ?? "").includes(words), "the words are there as words");
  assert.equal(await file.title(), "✗ 1 problem · net");
  await file.close();
});

test("Ctrl-C ends it, and nothing stays behind", async () => {
  process.kill(-leader, "SIGINT");
  assert.equal((await ended).code, 130);
  assert.deepEqual(Array.from(readdirSync(temporary)), []);
  await until("the page says so", async () => /does not answer/.test(await text("#news")));
});
