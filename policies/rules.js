// Plain JavaScript, so that a policy pack needs neither a compiler nor this project's own packages.

const remoteCommand = "command:remote:Command";

/** @type {import("@pulumi/policy").ResourceValidationPolicy} */
const hostKeysPinned = {
  name: "host-keys-pinned",
  description: "A server is known by its SSH host key before anything is sent to it.",
  validateResource: ({ type, props }, report) => {
    if (type !== remoteCommand) return;
    const { host, hostKey, proxy } = props.connection ?? {};
    if (!hostKey) report(`nothing tells ${host} from an impostor: give the server's hostKey`);
    if (proxy && !proxy.hostKey) report(`nothing tells ${proxy.host} from an impostor: give the proxy's hostKey`);
  },
};

/** @type {import("@pulumi/policy").ResourceValidationPolicy} */
const noSecretInCommands = {
  name: "no-secret-in-commands",
  description:
    "A command line is printed with every error, and is shown in the server's list of processes: no secret in it.",
  validateResource: ({ type, props }, report) => {
    if (type !== remoteCommand) return;
    for (const field of ["create", "update", "delete"]) {
      if (holdsSecret(props[field] ?? "", props)) report(`${field} holds a secret: send it by stdin`);
    }
  },
};

/** @type {import("@pulumi/policy").ResourceValidationPolicy} */
const diallersKeepAlive = {
  name: "diallers-keep-alive",
  description:
    "A server that nobody can dial loses its peers, unless it keeps its paths to them open: whatever dials does so.",
  validateResource: ({ type, props }, report) => {
    if (type !== remoteCommand) return;
    for (const name of silentInterfaces(props.stdin ?? "")) {
      report(`the interface ${name} has a peer without PersistentKeepalive`);
    }
  },
};

/** WireGuard's keys, and SSH's as ssh-keygen writes them. */
const keys = /-----BEGIN [A-Z ]*PRIVATE KEY|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?!=)/;

function holdsSecret(text, { connection = {} }) {
  const own = [connection, connection.proxy ?? {}].flatMap((each) => [
    each.password,
    each.privateKey,
    each.privateKeyPassword,
  ]);
  return keys.test(text) || own.some((secret) => secret && text.includes(secret.trim()));
}

/** Of the confs in the standard input of the step `interfaces`: those that dial, with a peer that lacks it. */
function silentInterfaces(stdin) {
  const confs = stdin.split(/^### /m).filter((section) => /^\S+\.conf\n/.test(section));
  const dialling = confs.filter((conf) => !/^ListenPort/m.test(conf));
  const silent = (conf) =>
    conf
      .split("[Peer]")
      .slice(1)
      .some((peer) => !/^PersistentKeepalive = [1-9]/m.test(peer));
  return dialling.filter(silent).map((conf) => conf.split(".conf\n")[0]);
}

module.exports = { hostKeysPinned, noSecretInCommands, diallersKeepAlive };
