import { loginOf } from "../../mesh/login";
import { CommandError, exportStack } from "../stack/pulumi";
import { tryLogin } from "./hostKey";
import { configWithKeys, type EditedStack, editedStack, stackFlag } from "./stackFile";

/** `fakevpc remove`: a server that answers leaves the config; a dead one is retired first, as nobody can clean it. */
export async function remove(name: string, { stack: wanted }: { stack?: string }): Promise<number> {
  const stack = editedStack(wanted);
  const { file } = stack;
  const names = file.names;
  if (!names.includes(name)) throw new CommandError(`${file.file} has no server ${name}, but ${names.join(", ")}`);
  if (names.length === 1) throw new CommandError(`${name} is the only server: "pulumi destroy" takes the mesh away`);
  const isRetired = file.read().config.servers[name]?.retired === true;
  const why = isRetired ? undefined : await whyDead(name, stack);
  const services = file.removeServicesOf(name);
  const notes = services.map((service) => `Its service ${service} is gone from the config, too.`);
  if (why === undefined) file.removeServer(name);
  else file.setOfServer(name, "retired", true);
  file.check();
  if (isRetired && deploys(stack, name)) {
    throw new CommandError(`${name} is retired in the config, but not yet by an up: run "pulumi up" first`);
  }
  file.write();
  process.stdout.write([said(name, stack, { why, isRetired }), ...notes, ""].join("\n"));
  return 0;
}

function said(name: string, stack: EditedStack, { why, isRetired }: { why?: string; isRetired: boolean }): string {
  const flag = stackFlag(stack);
  const up = `"pulumi up${flag}"`;
  const place = `${stack.file.file}:`;
  if (isRetired) return `${place} ${name} is gone from it. Next: ${up}, which dials it no more`;
  if (why === undefined)
    return `${place} ${name} is gone from it. Next: ${up}, which clears the server and tells its peers`;
  return `${why}\n${place} so ${name} is retired in it. Next: ${up}, which tells its peers; then "npx fakevpc remove ${name}${flag}" again, and another up`;
}

/** Why a server cannot be cleared now; undefined where it answers. */
async function whyDead(name: string, stack: EditedStack): Promise<string | undefined> {
  const config = configWithKeys(stack);
  try {
    await tryLogin(name, loginOf(config.servers[name]!, config.ssh));
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

/** Whether the stack's state still has Commands of this server that an up would run to clean it. */
function deploys({ project, name }: EditedStack, server: string): boolean {
  const { deployment } = exportStack(name, { showSecrets: false }) as {
    deployment?: { resources?: { type: string; parent?: string; retainOnDelete?: boolean }[] } | null;
  };
  return (deployment?.resources ?? []).some(
    ({ type, parent, retainOnDelete }) =>
      type === "command:remote:Command" && parent?.endsWith(`::${project.name}-${server}`) && !retainOnDelete,
  );
}
