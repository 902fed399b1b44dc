import { fstatSync } from "node:fs";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Resource } from "./resource";
import { Service } from "./service";

/** Serves a provider as the engine expects it: engine's address in argv, own port as the first line of stdout. */
export function serve(name: string, resources: Record<string, Resource>): void {
  const service = new Service(name, resources, process.argv[2] ?? "");
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, service.handlers());
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
  endWithEngine();
}

/** The engine holds our standard input open; its end means that the engine was killed. */
function endWithEngine(): void {
  const end = () => process.exit(0); // listeners of "exit" stop what still runs
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  if (fstatSync(0).isFIFO()) process.stdin.resume().on("end", end).unref();
}
