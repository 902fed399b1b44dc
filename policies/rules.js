// Plain JavaScript, so that a policy pack needs neither a compiler nor this project's own packages. A server's component is
// known in a first preview already, when much of its Commands is not.

const vpcServer = "fakevpc:index:VpcServer";
const remoteCommand = "command:remote:Command";

/** @type {import("@pulumi/policy").ResourceValidationPolicy} */
const hostKeysPinned = {
  name: "host-keys-pinned",
  description: "A server is known by its SSH host key before anything is sent to it.",
  validateResource: ({ type, props }, report) => {
    if (type !== vpcServer) return;
    for (const line of linesOf(props.ssh)) {
      const [hop, login] = line.split(" ");
      const host = login.split("@").pop();
      if (!line.includes(" hostKey ")) report(`nothing tells ${host} from an impostor: give the ${hop}'s hostKey`);
    }
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
      if (keys.test(props[field] ?? "")) report(`${field} holds a key: send it by stdin`);
    }
  },
};

/** @type {import("@pulumi/policy").ResourceValidationPolicy} */
const diallersKeepAlive = {
  name: "diallers-keep-alive",
  description:
    "A server that nobody can dial loses its peers, unless it keeps its paths to them open: whatever dials does so.",
  validateResource: ({ type, props }, report) => {
    if (type !== vpcServer) return;
    for (const [name, text] of Object.entries(props.interfaces ?? {})) {
      const dialled = linesOf(text).filter((line) => / endpoint /.test(line));
      if (dialled.some((line) => !/ keepalive [1-9]/.test(line))) {
        report(`the interface ${name} has a peer that it does not keep alive`);
      }
    }
  },
};

/** @type {import("@pulumi/policy").ResourceValidationPolicy} */
const relaysStayInside = {
  name: "relays-stay-inside",
  description:
    "A relay listens on a mesh address, for the members of that network: no firewall has to let its port in from outside.",
  validateResource: ({ type, props }, report) => {
    if (type !== vpcServer) return;
    const networks = Object.values(props.interfaces ?? {}).flatMap((text) =>
      linesOf(text).flatMap((line) => /^interface \S+ (\S+\/24)/.exec(line)?.[1] ?? []),
    );
    for (const line of linesOf(props.relays)) {
      const [server, port, address, range] = line.split(" ");
      const place = `the relay to ${server} at ${address}:${port}`;
      if (!networks.includes(`${address}/24`)) report(`${place} is on no mesh address of the server`);
      else if (range !== address.replace(/\.\d+$/, ".0/24")) report(`${place} is open to ${range}`);
    }
  },
};

/** WireGuard's keys, and SSH's as ssh-keygen writes them. */
const keys = /-----BEGIN [A-Z ]*PRIVATE KEY|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?!=)/;

function linesOf(text) {
  return (text ?? "").split("\n").filter((line) => line !== "");
}

module.exports = { hostKeysPinned, noSecretInCommands, diallersKeepAlive, relaysStayInside };
