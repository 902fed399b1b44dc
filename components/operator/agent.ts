import { createConnection } from "node:net";

/** Milliseconds until an ssh-agent that says nothing is taken for dead. */
const patience = 2000;

/** How many keys OpenSSH's server lets somebody try (MaxAuthTries). */
const triesAllowed = 6;

/**
 * What keeps the provider from using the ssh-agent, as a sentence; undefined where nothing does. It connects to the agent
 * wherever SSH_AUTH_SOCK is set, also beside a given key. `isNeeded` says whether the agent's keys are all that there is.
 */
export async function agentWarning(isNeeded: boolean): Promise<string | undefined> {
  const socket = process.env.SSH_AUTH_SOCK;
  if (!socket) {
    return isNeeded
      ? "there is no SSH key: servers have neither privateKey nor privateKeyFile, and SSH_AUTH_SOCK names no ssh-agent"
      : undefined;
  }
  try {
    const keys = await countKeys(socket);
    if (!isNeeded || (keys > 0 && keys < triesAllowed)) return undefined;
    return keys === 0
      ? "there is no SSH key: the ssh-agent holds none (`ssh-add` adds one), and servers have neither privateKey nor privateKeyFile"
      : `the ssh-agent holds ${keys} keys, and a server may turn away who tries ${triesAllowed}: name one as ssh.privateKeyFile`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return `SSH_AUTH_SOCK names ${socket}, where no ssh-agent answers (${code ?? message}), and no server can be reached while it does: start the agent, or run \`unset SSH_AUTH_SOCK\` where the key is named`;
  }
}

/** The agent's answer to "which keys": a length, a byte that says what it is, their number, and the keys. */
function countKeys(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = createConnection({ path }, () => socket.write(Buffer.from([0, 0, 0, 1, 11])));
    const end = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(patience, () => end(() => reject(new Error("it says nothing"))));
    socket.on("error", (error) => end(() => reject(error)));
    socket.on("close", () => reject(new Error("it hangs up")));
    socket.on("data", (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length >= 9) end(() => resolve(answer[4] === 12 ? answer.readUInt32BE(5) : 0));
    });
  });
}
