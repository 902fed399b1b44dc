import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { borneConnections } from "../mesh/login";
import { connectionOf, connectTimeoutOf, type ServerSsh, sshText } from "./connection";
import { everKnown } from "./everKnown";
import { requireFirstWords } from "./firstWords";
import { deleteCommand, hostCommand, hostStdin, meshCommand, type Request, type Target } from "./hostProgram";
import type { Seen } from "./seen";
import type { ServerTexts } from "./serverTexts";
import { tellOfSilence } from "./silence";
import { inTurn } from "./turns";

interface VpcServerArgs {
  target: Target;
  meshId: pulumi.Output<string>;
  ssh: ServerSsh;
  request: Request;
  plan: ServerTexts;
  seen: Seen;
  /** Which versions of keys the server is given. */
  keyVersions: string;
  /** Values of its arguments that a component's inputs cannot hold, by path. */
  outputs: Record<string, pulumi.Input<unknown>>;
}

/**
 * One server of a mesh. Its inputs are its plan in clear, so that a preview shows what changes; two Commands carry it out:
 * `host` installs what the server needs, and is undone with all of the mesh; `mesh` brings the plan.
 */
export class VpcServer extends pulumi.ComponentResource {
  /** Settles once the server has run all of its plan. */
  readonly ready: pulumi.Output<unknown>;

  constructor(name: string, args: VpcServerArgs, options: pulumi.ComponentResourceOptions) {
    super("fakevpc:index:VpcServer", name, clearInputs(args), options);
    const { target, meshId, ssh, request, plan, seen } = args;
    const { customTimeouts } = options; // Pulumi does not hand these to the children of a component
    const hostInput = meshId.apply(hostStdin);
    const install = hostCommand(target, request);
    // One output for both, as each walks through all of it.
    const connection = everKnown(pulumi.output(connectionOf(ssh, false)), target.server);
    const { connectionLimit: limit = borneConnections } = ssh.ssh;
    const ways = { limit, behind: (ssh.server.proxy ?? ssh.ssh.proxy) !== undefined };
    const hostTurn = inTurn(connection, hostInput, ways);
    const host = new command.remote.Command(
      `${name}-host`,
      {
        connection: hostTurn.connection,
        create: install,
        update: install,
        delete: deleteCommand(target),
        stdin: hostInput,
        addPreviousOutputInEnv: false,
      },
      // Its delete takes the whole mesh away, so a replacement begins with that, and brings the mesh again.
      { parent: this, deleteBeforeReplace: true, customTimeouts },
    );
    const installed = ranStep(target.server, "host", hostInput, host, seen);

    const apply = meshCommand(target, request);
    const mayReboot = request.upgrade ?? false;
    const later = mayReboot ? everKnown(pulumi.output(connectionOf(ssh, true)), target.server) : connection;
    // A server whose login runs something else is given no plan.
    const stdin = pulumi.all([plan.stdin, installed]).apply(([text]) => text);
    const meshTurn = inTurn(later, stdin, ways);
    const mesh = new command.remote.Command(
      `${name}-mesh`,
      {
        connection: meshTurn.connection,
        create: apply,
        update: apply,
        stdin,
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: host, replaceWith: [host], customTimeouts },
    );
    host.urn.apply(hostTurn.end);
    mesh.urn.apply(meshTurn.end);
    tellOfSilence(target.server, this, limit, [
      { command: host, connection: hostTurn.connection, stdin: hostInput, timeout: connectTimeoutOf(ssh.ssh, false) },
      { command: mesh, connection: meshTurn.connection, stdin, timeout: connectTimeoutOf(ssh.ssh, mayReboot) },
    ]);
    this.ready = ranStep(target.server, "mesh", plan.stdin, mesh, seen);
    this.registerOutputs(Object.keys(args.outputs).length > 0 ? { args: args.outputs } : {});
  }
}

function clearInputs({ plan, keyVersions, ssh }: VpcServerArgs): Record<string, unknown> {
  const inputs = { ...plan.texts, keys: keyVersions, ssh: sshText(ssh) };
  return Object.fromEntries(Object.entries(inputs).filter(([, text]) => text !== ""));
}

/** Fails where the Command ended well and did not run its step, and tells what that saw. A preview knows nothing of what it will print. */
function ranStep(
  server: string,
  step: "host" | "mesh",
  stdin: pulumi.Output<string>,
  { stdout }: command.remote.Command,
  seen: Seen,
): pulumi.Output<unknown> {
  if (pulumi.runtime.isDryRun()) return pulumi.output(undefined);
  const checked = pulumi.all([stdin, stdout]).apply(([given, printed]) => {
    requireFirstWords(server, step, given, printed);
    seen.read(server, printed);
  });
  return pulumi.unsecret(checked);
}
