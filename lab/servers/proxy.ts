import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { createServer, get as httpGet, type IncomingMessage, type ServerResponse } from "node:http";
import { get as httpsGet } from "node:https";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { aptOrigins } from "./sources";

// A caching proxy for apt. It is started with a socket of the lab's network as file descriptor 3, and itself fetches
// over this machine's network: the one way out of the lab, and only to the mirrors that the images are made from.
// Usage: proxy.js CACHE_DIRECTORY IMAGES_DIRECTORY

const [cache, images] = process.argv.slice(2) as [string, string];
const forwardedRequestHeaders = ["user-agent", "accept", "if-modified-since", "cache-control", "range", "if-range"];
const forwardedResponseHeaders = [
  "content-type",
  "content-length",
  "content-range",
  "last-modified",
  "etag",
  "location",
];
const downloads = new Map<string, Promise<number>>();

createServer((request, response) => {
  answer(request, response).catch((error: Error) => {
    process.stderr.write(`${request.method} ${request.url}: ${error.message}\n`);
    if (response.headersSent) {
      response.destroy();
    } else {
      response.writeHead(502).end(error.message);
    }
  });
}).listen({ fd: 3 });

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = URL.canParse(request.url ?? "") ? new URL(request.url!) : undefined;
  const mirror = url?.protocol === "http:" ? mirrorOf(url.host) : undefined;
  if (!url || !mirror || (request.method !== "GET" && request.method !== "HEAD")) {
    response.writeHead(403).end("The lab's proxy only reads from the servers' apt sources.\n");
    return;
  }
  const address = mirror + url.pathname + url.search;
  // A name below these never stands for another content.
  const immutable = /\/(pool|by-hash)\//.test(url.pathname);
  await (immutable && request.method === "GET" ? sendCached(address, response) : relay(address, request, response));
}

/** The servers ask in plain http; the mirror may want https. */
function mirrorOf(host: string): string | undefined {
  const files = readdirSync(images).filter((name) => name.endsWith(".sources"));
  const origins = files.flatMap((name) => aptOrigins(readFileSync(path.join(images, name), "utf8")));
  return origins.find((origin) => new URL(origin).host === host);
}

async function relay(address: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const upstream = await fetchFrom(address, request.method!, pick(request.headers, forwardedRequestHeaders));
  response.writeHead(upstream.statusCode!, pick(upstream.headers, forwardedResponseHeaders));
  await pipeline(upstream, response);
}

async function sendCached(address: string, response: ServerResponse): Promise<void> {
  const file = path.join(cache, createHash("sha256").update(address).digest("hex"));
  if (!existsSync(file)) {
    // Many servers ask for the same file at once; the first one's download serves all.
    const running = downloads.get(file) ?? download(address, file).finally(() => downloads.delete(file));
    downloads.set(file, running);
    const status = await running;
    if (status !== 200) {
      response.writeHead(status).end();
      return;
    }
  }
  response.writeHead(200, { "content-length": statSync(file).size });
  await pipeline(createReadStream(file), response);
}

/** Returns the status; the file is there, and whole, only after 200. */
async function download(address: string, file: string): Promise<number> {
  const upstream = await fetchFrom(address, "GET", {});
  if (upstream.statusCode !== 200) {
    upstream.resume();
    return upstream.statusCode!;
  }
  const part = `${file}.${randomUUID()}`;
  try {
    await pipeline(upstream, createWriteStream(part));
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
  return 200;
}

function fetchFrom(address: string, method: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const get = address.startsWith("https:") ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    const request = get(address, { method, headers, timeout: 60_000 }, resolve);
    request.on("timeout", () => request.destroy(new Error("the mirror does not answer"))).on("error", reject);
  });
}

function pick(headers: IncomingMessage["headers"], names: string[]): Record<string, string> {
  return Object.fromEntries(names.filter((name) => headers[name]).map((name) => [name, String(headers[name])]));
}
