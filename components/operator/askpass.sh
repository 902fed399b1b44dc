#!/bin/sh
# What ssh-keygen asks for a key's passphrase.
cat "$FAKEVPC_PASSPHRASE_FILE"
