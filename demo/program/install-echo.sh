#!/bin/sh
# Installs the service myecho: whatever it is sent on 127.0.0.1:8888, it sends back.
set -eu
cat >/etc/systemd/system/myecho.service <<'UNIT'
[Unit]
Description=Echo, for the members of the mesh alone

[Service]
ExecStart=/usr/bin/socat TCP4-LISTEN:8888,bind=127.0.0.1,fork,reuseaddr EXEC:/bin/cat
DynamicUser=yes
Restart=always

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --quiet myecho.service
systemctl restart myecho.service
