#!/bin/sh
# What ssh asks for a key's passphrase, in the words "Enter passphrase for key 'FILE': ". It is in a file beside the key.
file=${1#*\'}
cat "${file%\'*}.passphrase"
