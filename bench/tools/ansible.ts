import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { packageFile } from "../../components/packageFile";
import { run } from "../../lab/process";
import type { Lab } from "../../lab/servers/lab";
import type { LabServer } from "../../lab/servers/server";
import { type Deployment, indexOf, operator, type Ports, type SshPlace, type Tool } from "./tool";

const playbooks = packageFile("bench/playbooks");

/** A playbook with the settings beside it, run by the programs in `bin`. */
export function ansible(bin: string, playbook: "serial" | "parallel"): Tool {
  return {
    name: playbook,
    begin: async (lab, directory, place) => new PlaybookMesh(bin, playbook, lab, directory, place),
  };
}

class PlaybookMesh implements Deployment {
  private readonly inventory: string;
  private readonly keys: string;
  private readonly sshConfig: string;

  constructor(
    private readonly bin: string,
    private readonly playbook: string,
    private readonly lab: Lab,
    directory: string,
    place?: SshPlace,
  ) {
    this.inventory = path.join(directory, "inventory.json");
    this.keys = path.join(directory, "keys");
    mkdirSync(this.keys, { mode: 0o700 });
    this.sshConfig = path.join(directory, "ssh_config");
    writeFileSync(this.sshConfig, sshConfigOf(lab, place));
  }

  async apply(servers: LabServer[], removed: LabServer[], ports: Ports = {}): Promise<void> {
    this.describe(servers, removed, ports);
    // A path of ssh's control sockets must be short.
    const sockets = mkdtempSync(path.join(tmpdir(), "cp-"));
    const env = {
      PATH: `${this.bin}:${process.env.PATH}`,
      HOME: path.dirname(this.inventory),
      LC_ALL: "C.UTF-8",
      ANSIBLE_CONFIG: path.join(playbooks, `${this.playbook}.cfg`),
      ANSIBLE_SSH_CONTROL_PATH_DIR: sockets,
    };
    const argv = ["ansible-playbook", "-i", this.inventory, path.join(playbooks, `${this.playbook}.yml`)];
    try {
      await run(this.lab.command(["env", ...Object.entries(env).map((pair) => pair.join("=")), ...argv]));
    } finally {
      await this.closeConnections(sockets);
    }
  }

  private describe(servers: LabServer[], removed: LabServer[], ports: Ports): void {
    const described = (all: LabServer[]) =>
      all.map((server) => {
        const index = indexOf(server);
        return { name: server.name, address: server.address, index, wg_port: ports[server.name] ?? 51820 + index };
      });
    const login = {
      ansible_user: operator,
      ansible_python_interpreter: "/usr/bin/python3",
      ansible_ssh_common_args: `-F ${this.sshConfig}`,
    };
    const group = (all: LabServer[]) => ({ hosts: Object.fromEntries(all.map(({ name }) => [name, login])) });
    const vars = { servers: described(servers), removed: described(removed), keys: this.keys };
    const inventory = { all: { vars, children: { mesh: group(servers), removed: group(removed) } } };
    writeFileSync(this.inventory, JSON.stringify(inventory)); // JSON is YAML
  }

  /** Ansible keeps its connections for a minute; an operator comes back later than that. */
  private async closeConnections(sockets: string): Promise<void> {
    for (const socket of readdirSync(sockets)) {
      const control = `ControlPath=${path.join(sockets, socket)}`;
      await run(["ssh", "-o", control, "-O", "exit", "nobody"], { allowFailure: true });
    }
    rmSync(sockets, { recursive: true, force: true });
  }
}

/** The lab's own configuration of ssh, with servers where `place` says. */
function sshConfigOf(lab: Lab, place?: SshPlace): string {
  const config = readFileSync(lab.sshConfig, "utf8");
  if (!place) return config;
  return config.replace(/^ {2}HostName (\S+)$/gm, (line, known: string) => {
    const server = lab.servers.find(({ address }) => address === known);
    if (!server) return line;
    const { address, port } = place(server);
    return [`  HostName ${address}`, `  Port ${port}`, `  HostKeyAlias ${known}`].join("\n");
  });
}
