import { isIPv6 } from "node:net";
import { agentOf, type Hop } from "./connection";

/** Why a connection failed, in the words of the Go client that the official provider uses, from the log of ssh. */
export function dialFailure(log: string, hop: Hop): string {
  const lookup = /Could not resolve hostname (\S+): /.exec(log);
  if (lookup) return `dial tcp: lookup ${hop.host}: no such host`;
  const connect = /connect to (?:host|address) \S+ port \d+: (.+)$/m.exec(log);
  if (connect)
    return `dial tcp ${address(log, hop)}: ${connectErrors[connect[1]!] ?? `connect: ${connect[1]!.toLowerCase()}`}`;
  if (log.includes("Connecting to ") && !isConnected(log)) return `dial tcp ${address(log, hop)}: i/o timeout`;
  return `ssh: handshake failed: ${handshakeFailure(log, hop)}`;
}

/** Whether the server took the connection, which is all that a dial's time limit is for. */
export function isConnected(log: string): boolean {
  return log.includes("Connection established.");
}

const connectErrors: Record<string, string> = { "Connection timed out": "i/o timeout" };

function handshakeFailure(log: string, hop: Hop): string {
  if (log.includes("Host key verification failed")) return "ssh: host key mismatch";
  const offer = /no matching host key type found\. Their offer: (.*)$/m.exec(log);
  if (offer) {
    const type = hop.hostKey?.trim().split(" ")[0];
    return `ssh: no common algorithm for host key; we offered: [${type}], peer offered: [${offer[1]!.replaceAll(",", " ")}]`;
  }
  const disconnect = /Received disconnect from .*:(\d+): (.*)$/m.exec(log);
  if (disconnect) return `ssh: disconnect, reason ${disconnect[1]}: ${disconnect[2]}`;
  if (/Permission denied|no more authentication methods/i.test(log)) {
    const methods = hop.privateKey !== undefined || agentOf(hop) ? "none publickey" : "none";
    return `ssh: unable to authenticate, attempted methods [${methods}], no supported methods remain`;
  }
  if (/timed out/.test(log)) return "i/o timeout";
  if (/Connection reset/.test(log)) return "read: connection reset by peer";
  if (/Connection closed|kex_exchange_identification/.test(log)) return "EOF";
  return log.trim().split("\n").pop() ?? "EOF";
}

/** The address that was dialled: what the name resolved to, with an IPv6 address in brackets. */
function address(log: string, hop: Hop): string {
  const host = /Connecting to \S+ \[([^\]]+)\] port/.exec(log)?.[1] ?? hop.host;
  return `${isIPv6(host) ? `[${host}]` : host}:${hop.port}`;
}

/** Why the proxy could not reach the target, where it said so. */
export function proxyFailure(log: string): string | undefined {
  const refused = /open failed: ([^:]+): (.+)$/m.exec(log);
  return refused ? `ssh: rejected: ${refused[1]} (${refused[2]})` : undefined;
}
