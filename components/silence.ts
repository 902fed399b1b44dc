import { createConnection } from "node:net";
import type { remote, types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { withPort } from "../mesh/addresses";
import { tellOfCrowd } from "./crowd";

/** Seconds that a look takes at most, to connect and again to be greeted. */
const lookTimeout = 10;

/**
 * What counts connections (ufw's limit, fail2ban) forgets one after so many seconds. A look is a connection, too, so it keeps
 * that distance from the step's own last attempt.
 */
const forgotten = 30;

/** A step that may be silent: its Command, how that connects, and for how many seconds it may try to. */
export interface Step {
  command: remote.Command;
  connection: pulumi.Output<pulumi.Unwrap<types.input.remote.ConnectionArgs>>;
  stdin: pulumi.Output<string>;
  timeout: number;
}

/**
 * Says which server is silent, why, and how to go on. The provider waits for ever where a server accepts a connection and
 * says nothing, and cannot be given a deadline; this program lives as long as its Commands, and looks once where one takes
 * long. Where nothing is to do no connection is opened. `limit` is how many may begin within half a minute.
 */
export function tellOfSilence(server: string, component: pulumi.Resource, limit: number, steps: Step[]): void {
  if (pulumi.runtime.isDryRun()) return;
  let looked = false;
  for (const { command, connection, stdin, timeout } of steps) {
    pulumi.all([connection, stdin]).apply(([{ host, port, proxy }]) => {
      const hop = proxy ?? { host, port };
      tellOfCrowd(hop.host, limit, command, component);
      const timer = setTimeout(
        async () => {
          if (looked) return;
          looked = true;
          const place = withPort(hop.host, hop.port ?? 22);
          const seen = await lookAt(hop.host, hop.port ?? 22);
          const seconds = timeout + forgotten;
          // A message about the Command itself would wait for its end.
          pulumi.log.warn(sentence(server, seconds, seen, place, proxy && withPort(host, port ?? 22)), component);
        },
        (timeout + forgotten) * 1000,
      );
      timer.unref();
      command.urn.apply(() => clearTimeout(timer));
    });
  }
}

/** Whether an SSH server greets, or what keeps it from that. */
export type Seen = "greets" | "says nothing" | { error: string };

/** One connection to a port, which ends as soon as something comes. */
export function lookAt(host: string, port: number, seconds = lookTimeout): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    let connected = false;
    const end = (seen: Seen) => {
      socket.destroy();
      resolve(seen);
    };
    const timedOut = () => end(connected ? "says nothing" : { error: "ETIMEDOUT" });
    socket.setTimeout(seconds * 1000, timedOut);
    socket.on("connect", () => {
      connected = true;
    });
    socket.once("data", () => end("greets"));
    socket.on("error", (error: NodeJS.ErrnoException) => end({ error: error.code ?? error.message }));
    socket.on("close", () => end({ error: "closed at once" }));
  });
}

/** `behind` is the server's own place, where `place` is its bastion's. */
export function sentence(server: string, seconds: number, seen: Seen, place: string, behind?: string): string {
  const start = `${server}: the step has not ended after ${seconds} s`;
  const interrupt = "press Ctrl-C twice (once does not end such a step), mend that and run again";
  const who = behind === undefined ? "SSH" : "the bastion";
  if (seen === "says nothing") {
    return `${start}: ${who} at ${place} takes connections and says nothing, and would be waited for without end: ${interrupt}`;
  }
  if (seen !== "greets") {
    return `${start}: ${who} at ${place} cannot be reached from here (${seen.error}): is it switched on, and do firewalls and bans let this machine in?`;
  }
  if (behind !== undefined) {
    return `${start}: ${who} at ${place} answers, so it may be ${behind} that does not, from there: if that lasts, ${interrupt}`;
  }
  return `${start}: SSH at ${place} answers, so the step may wait for apt or cloud-init on the server: look there with "ps"`;
}
