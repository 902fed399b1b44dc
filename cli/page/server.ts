import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandError } from "../stack/pulumi";
import type { PageData } from "./pageData";
import { renderPage } from "./renderPage";

const host = "127.0.0.1";

export interface Page {
  address: string;
  /** Shows this from now on, to those who look already and to those who come. */
  publish(data: PageData): void;
}

const headers = {
  "Cache-Control": "no-store",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
};

/** Serves the page, and its news as server-sent events, to this machine alone. Port 0 is any that is free. */
export async function servePage(first: PageData, port: number): Promise<Page> {
  let data = first;
  const watchers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const refusal = refuse(request, (server.address() as AddressInfo).port);
    if (refusal) {
      response.writeHead(refusal.status, { "Content-Type": "text/plain" }).end(`${refusal.reason}\n`);
    } else if (request.url === "/events") {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      watchers.add(response);
      response.on("close", () => watchers.delete(response));
      response.write(eventOf(data));
    } else {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(renderPage(data));
    }
  });
  await listen(server, port);
  return {
    address: `http://${host}:${(server.address() as AddressInfo).port}/`,
    publish(next) {
      data = next;
      // Who reads too slowly gets the next one.
      for (const watcher of watchers) if (!watcher.writableNeedDrain) watcher.write(eventOf(data));
    },
  };
}

/** A page of somebody else's can have a browser ask here under a name of its own, and would read the answer. */
function refuse({ headers: { host: asked }, method, url }: IncomingMessage, port: number) {
  if (asked !== `${host}:${port}` && asked !== `localhost:${port}`) {
    return { status: 403, reason: `This page answers at ${host}:${port} alone.` };
  }
  if (method !== "GET") return { status: 405, reason: "This page is for reading." };
  return url === "/" || url === "/events" ? undefined : { status: 404, reason: "There is one page, at /." };
}

function eventOf(data: PageData): string {
  return `retry: 2000\ndata: ${JSON.stringify(data)}\n\n`;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on("error", (error: NodeJS.ErrnoException) => {
      const taken =
        error.code === "EADDRINUSE" ? `port ${port} of ${host} is in use: choose another by --port` : undefined;
      reject(new CommandError(taken ?? `the page cannot be served at ${host}:${port}: ${error.message}`));
    });
    server.listen(port, host, resolve);
  });
}
