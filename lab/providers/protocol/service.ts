import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { changes } from "./diff";
import { EngineLog } from "./log";
import type { Context, Resource } from "./resource";
import type { Properties } from "./values";

const kinds = { add: 0, addReplace: 1, delete: 2, deleteReplace: 3, update: 4, updateReplace: 5 } as const;

/** Answers the engine's requests for a provider's resources, and refuses by name what the stand-in does not have. */
export class Service {
  private readonly cancellation = new AbortController();
  private readonly log: EngineLog;

  constructor(
    private readonly name: string,
    private readonly resources: Record<string, Resource>,
    engine: string,
  ) {
    this.log = new EngineLog(engine);
  }

  /** One handler per request of the protocol; gRPC answers "unimplemented" to the rest, which the engine accepts. */
  handlers(): UntypedServiceImplementation {
    return {
      handshake: answer(() =>
        new messages.ProviderHandshakeResponse()
          .setAcceptSecrets(true)
          .setAcceptResources(true)
          .setAcceptOutputs(false),
      ),
      configure: answer(() =>
        new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true).setAcceptresources(true),
      ),
      getPluginInfo: answer(() => new PluginInfo().setVersion(lockedVersion(this.name))),
      check: answer((request: messages.CheckRequest) => this.check(request)),
      diff: answer((request: messages.DiffRequest) => this.diff(request)),
      create: answer((request: messages.CreateRequest) => this.create(request)),
      read: answer((request: messages.ReadRequest) => this.read(request)),
      update: answer((request: messages.UpdateRequest) => this.update(request)),
      delete: answer((request: messages.DeleteRequest) => this.delete(request)),
      invoke: answer((request: messages.InvokeRequest) => this.refuse(`function ${request.getTok()}`)),
      call: answer((request: messages.CallRequest) => this.refuse(`method ${request.getTok()}`)),
      cancel: answer(() => {
        this.cancellation.abort();
        return new Empty();
      }),
    };
  }

  private check(request: messages.CheckRequest): messages.CheckResponse {
    const { inputs, failures } = this.resource(request.getUrn()).check(properties(request.getNews()));
    const response = new messages.CheckResponse().setInputs(struct(inputs));
    for (const { property, reason } of failures) {
      response.addFailures(new messages.CheckFailure().setProperty(property).setReason(reason));
    }
    return response;
  }

  private diff(request: messages.DiffRequest): messages.DiffResponse {
    const resource = this.resource(request.getUrn());
    const found = changes(properties(request.getOldInputs()), properties(request.getNews()));
    const response = new messages.DiffResponse().setHasdetaileddiff(true);
    response.setChanges(found.size === 0 ? 1 : 2); // DIFF_NONE, DIFF_SOME
    for (const [path, change] of found) {
      const replaces = resource.replaces(path);
      const kind = kinds[replaces ? (`${change}Replace` as const) : change];
      response.getDetaileddiffMap().set(path, new messages.PropertyDiff().setKind(kind as messages.PropertyDiff.Kind));
      response.addDiffs(path);
      if (replaces) response.addReplaces(path);
    }
    return response;
  }

  private async create(request: messages.CreateRequest): Promise<messages.CreateResponse> {
    const context = this.context(request.getUrn(), request.getPreview());
    const { id, outputs } = await this.resource(request.getUrn()).create(properties(request.getProperties()), context);
    return new messages.CreateResponse().setId(id).setProperties(struct(outputs));
  }

  /** A refresh sees nothing: the state is what it was. */
  private read(request: messages.ReadRequest): messages.ReadResponse {
    const response = new messages.ReadResponse().setId(request.getId());
    return response.setProperties(request.getProperties()).setInputs(request.getInputs());
  }

  private async update(request: messages.UpdateRequest): Promise<messages.UpdateResponse> {
    const context = this.context(request.getUrn(), request.getPreview());
    const resource = this.resource(request.getUrn());
    const outputs = await resource.update(properties(request.getOlds()), properties(request.getNews()), context);
    return new messages.UpdateResponse().setProperties(struct(outputs));
  }

  private async delete(request: messages.DeleteRequest): Promise<Empty> {
    const context = this.context(request.getUrn(), false);
    await this.resource(request.getUrn()).delete(properties(request.getProperties()), context);
    return new Empty();
  }

  private context(urn: string, preview: boolean): Context {
    const name = urn.split("::").slice(3).join("::");
    return { name, preview, log: this.log.for(urn), cancelled: this.cancellation.signal };
  }

  private resource(urn: string): Resource {
    const type = urn.split("::")[2]!.split("$").pop()!;
    return this.resources[type] ?? this.refuse(`resource type ${type}`);
  }

  private refuse(what: string): never {
    const known = Object.keys(this.resources).join(", ");
    throw new Error(`${what}: the stand-in for the ${this.name} provider (test equipment) has only ${known}`);
  }
}

/** Makes a handler of a function that returns the answer or throws the reason why there is none. */
function answer<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request))
      .then(
        (response) => callback(null, response),
        (error: Error) => callback({ code: 2, details: error.message }), // UNKNOWN
      );
  };
}

function properties(from: Struct | undefined): Properties {
  return (from?.toJavaScript() ?? {}) as Properties;
}

function struct(from: Properties): Struct {
  const present = Object.entries(from).filter(([, value]) => value !== undefined);
  return Struct.fromJavaScript(Object.fromEntries(present) as Record<string, JavaScriptValue>);
}

/** The stand-in is for the version of the provider's SDK that the project has. */
function lockedVersion(name: string): string {
  return require(`@pulumi/${name}/package.json`).version;
}
