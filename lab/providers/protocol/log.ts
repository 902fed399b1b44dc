import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, type LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

const severities = { info: 1, warning: 2 } as const;

/** Messages about one resource, shown by the CLI beside it. */
export interface Log {
  /** A line of progress, which the CLI may drop when the resource is done. */
  status(message: string): void;
  warning(message: string): void;
  /** Resolves when the engine has everything logged so far. */
  flushed(): Promise<void>;
}

/** One connection to the engine's log for all resources, made when the first message is logged. */
export class EngineLog {
  private client?: EngineClient;

  constructor(private readonly address: string) {}

  for(urn: string): Log {
    let last: Promise<void> = Promise.resolve();
    const send = (severity: LogSeverity, message: string, ephemeral: boolean) => {
      const request = new LogRequest().setSeverity(severity).setMessage(message).setUrn(urn).setEphemeral(ephemeral);
      last = last.then(() => this.send(request)); // one after the other, so that the order of lines is kept
    };
    return {
      status: (message) => send(severities.info as LogSeverity, message, true),
      warning: (message) => send(severities.warning as LogSeverity, message, false),
      flushed: () => last,
    };
  }

  private send(request: LogRequest): Promise<void> {
    this.client ??= new EngineClient(this.address, credentials.createInsecure());
    const client = this.client;
    // An engine that no longer listens is no reason for a command to fail.
    return new Promise((resolve) => client.log(request, () => resolve()));
  }
}
