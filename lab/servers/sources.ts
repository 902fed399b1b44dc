import { existsSync, readFileSync } from "node:fs";

const hostSources = "/etc/apt/sources.list.d/debian.sources";

/** Where the packages of a Debian release come from: this machine's own mirror, else nothing, for mmdebstrap knows one. */
export function aptSources(suite: string): string {
  const codename = /^VERSION_CODENAME="?(\w+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  if (!codename || !existsSync(hostSources)) return "";
  const text = readFileSync(hostSources, "utf8").replace(/^#.*\n/gm, "");
  // A mirror list (mirror+file:) names hosts elsewhere, out of sight of the lab's proxy.
  const plain = [...text.matchAll(/^URIs:(.*)$/gm)].every((line) => /^(\s*https?:\/\/\S+)+\s*$/.test(line[1]!));
  if (!plain || !new RegExp(`^Suites:.*\\b${codename}\\b`, "m").test(text)) return "";
  return text.replaceAll(new RegExp(`\\b${codename}\\b`, "g"), suite);
}

/** The distinct "http://host" parts of the sources. */
export function aptOrigins(sources: string): string[] {
  return [...new Set([...sources.matchAll(/https?:\/\/[^/\s]+/g)].map((match) => match[0]))];
}
