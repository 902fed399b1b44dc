#!/bin/sh
# Installs etcd as a member of a cluster. Standard input: the member's name, its address, and all members as NAME=URL,….
set -eu
read -r name address members
export DEBIAN_FRONTEND=noninteractive
if ! command -v etcd > /dev/null; then
  apt-get -qq update
  apt-get -qq -o DPkg::Lock::Timeout=300 install --no-install-recommends etcd-server etcd-client > /dev/null
  systemctl stop etcd
  rm -rf /var/lib/etcd/default # what the package's own first start made, of a cluster of one
fi
cat > /etc/default/etcd << SETTINGS
ETCD_NAME=$name
ETCD_LISTEN_CLIENT_URLS=http://$address:2379
ETCD_ADVERTISE_CLIENT_URLS=http://$address:2379
ETCD_LISTEN_PEER_URLS=http://$address:2380
ETCD_INITIAL_ADVERTISE_PEER_URLS=http://$address:2380
ETCD_INITIAL_CLUSTER=$members
SETTINGS
systemctl enable --quiet etcd
# The first member would wait for the second, which Pulumi starts beside it.
systemctl restart --no-block etcd
