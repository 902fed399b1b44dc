import type { CloudConfig } from "./cloudInit";

export const echoPort = 8888;

const socket = `[Unit]
Description=Echo, for the members of the mesh alone

[Socket]
ListenStream=127.0.0.1:${echoPort}
Accept=yes

[Install]
WantedBy=sockets.target
`;

const service = `[Unit]
Description=Echo for one connection

[Service]
ExecStart=/bin/cat
StandardInput=socket
DynamicUser=yes
`;

/** A service that sends back whatever it is sent. It listens on 127.0.0.1; the mesh forwards to it. */
export const echoConfig: CloudConfig = {
  write_files: [
    { path: "/etc/systemd/system/myecho.socket", content: socket },
    { path: "/etc/systemd/system/myecho@.service", content: service },
  ],
  runcmd: [["systemctl", "enable", "--now", "myecho.socket"]],
};
