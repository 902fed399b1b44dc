# Runs "$0" "$@" as root. Every Command starts with this text, so it is short: an error of Pulumi prints it.
[ "$(id -u)" != 0 ] || exec "$0" "$@"
sudo -n -- "$0" "$@" && exit
code=$?
sudo -n true 2>/dev/null && exit "$code"
echo "fakevpc: user $(id -un) is not root and has no sudo without a password: log in as root, or add '$(id -un) ALL=(ALL) NOPASSWD: ALL' to /etc/sudoers.d" >&2
exit 1
