#!/bin/sh
# Removes the service myecho.
set -eu
systemctl disable --quiet --now myecho.service
rm -f /etc/systemd/system/myecho.service
systemctl daemon-reload
