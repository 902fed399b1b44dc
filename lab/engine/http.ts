import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Long enough for a slow network, short enough to wait for one that is not there. */
const patience = 5000;

/** The answer to a request. Throws within seconds where the server cannot be reached or has no such file. */
export async function request(url: string, method: "GET" | "HEAD" = "GET"): Promise<Response> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), patience);
  const host = new URL(url).host;
  try {
    const response = await fetch(url, { method, signal: giveUp.signal });
    if (!response.ok) throw new Error(`${host} answers ${response.status}`);
    return response;
  } catch (error) {
    if (error instanceof TypeError || giveUp.signal.aborted) throw new Error(`${host} cannot be reached`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Saves a file, telling how far it is at each quarter. */
export async function download(url: string, file: string, progress: (percent: number) => void): Promise<void> {
  const response = await request(url);
  const size = Number(response.headers.get("content-length"));
  let [received, told] = [0, 0];
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  const stalled = setTimeout(() => body.destroy(new Error(`${new URL(url).host} stopped sending`)), 60_000);
  body.on("data", (chunk: Buffer) => {
    stalled.refresh();
    received += chunk.length;
    const percent = size > 0 ? Math.floor((4 * received) / size) * 25 : 0;
    if (percent > told) progress(percent);
    told = percent;
  });
  await pipeline(body, createWriteStream(file)).finally(() => clearTimeout(stalled));
}
