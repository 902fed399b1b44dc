#!/bin/sh
# Answers ssh's question for the passphrase of a key.
set -eu
cat "$FAKEVPC_PASSWORD_FILE"
