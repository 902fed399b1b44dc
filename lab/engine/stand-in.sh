#!/bin/sh
# Starts the stand-in for a provider plugin. Reached by links named pulumi-resource-<name>, by which it knows the name.
set -eu
repository=$(dirname "$(readlink -f "$0")")/../..
exec node "$repository/dist/lab/providers/${0##*pulumi-resource-}.js" "$@"
