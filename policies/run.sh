#!/bin/sh
# The policy pack as a program, for a Pulumi whose host for Node.js runs no policy packs: --policy-pack path/to/run.sh
set -eu
cd "$(dirname "$(readlink -f "$0")")"
exec node "$(node -p 'require.resolve("@pulumi/pulumi/cmd/run-policy-pack")')" "$1" .
