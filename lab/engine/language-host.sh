#!/bin/sh
# Starts the language host that can be compiled anywhere. It is older than the engine, which sends it the options of a
# Pulumi.yaml in a form that it does not know: without this it would load TypeScript for a program that has none.
set -eu
exec "$(dirname "$(readlink -f "$0")")/older/pulumi-language-nodejs" -typescript=false "$@"
