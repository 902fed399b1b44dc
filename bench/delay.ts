// delay.js MILLISECONDS PORT=ADDRESS…: for each port of 127.0.0.1, SSH of that address as if it were so far away (a round
// trip of so many milliseconds). Prints a line once all ports are open. The kernel's own means for this is not everywhere.
import { createServer, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Hands on what comes from a connection, each piece when it would arrive, but not before the other side is connected. */
function handOn(from: Socket, to: Socket, delay: number, connected: Promise<unknown>): void {
  let last: Promise<unknown> = connected;
  const later = (action: () => void) => {
    const arrival = sleep(delay);
    last = Promise.all([last, arrival]).then(action);
  };
  from.on("data", (piece) => later(() => to.write(piece)));
  from.on("end", () => later(() => to.end()));
  from.on("error", () => to.destroy());
}

/** A connection is there for its client after a round trip of TCP's own, and for its server half a one later. */
function connect(client: Socket, address: string, roundTrip: number): void {
  const server = new Socket({ allowHalfOpen: true });
  const connected = sleep(1.5 * roundTrip).then(
    () => new Promise<void>((resolve) => server.connect(22, address, resolve)),
  );
  for (const socket of [client, server]) socket.setNoDelay(true);
  handOn(client, server, roundTrip / 2, connected);
  handOn(server, client, roundTrip / 2, connected);
}

function listen(port: number, address: string, roundTrip: number): Promise<void> {
  const listener = createServer({ allowHalfOpen: true }, (client) => connect(client, address, roundTrip));
  return new Promise((resolve) => listener.listen(port, "127.0.0.1", resolve));
}

if (require.main === module) {
  const [roundTrip, ...ports] = process.argv.slice(2);
  const all = ports.map((pair) => {
    const [port, address] = pair.split("=");
    return listen(Number(port), address!, Number(roundTrip));
  });
  Promise.all(all).then(() => process.stdout.write("open\n"));
}
