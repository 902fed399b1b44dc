# Runs "$0" "$@" as root. Every Command starts with this text, so it is short: an error of Pulumi prints it. As for all texts
# here, csh may be what reads it: it goes as one line, and has no exclamation mark.
[ "$(id -u)" -ne 0 ] || exec "$0" "$@"
# Keys come by standard input, which sudo may log. A pipe with a name is none of its business.
pipe=$(mktemp -d 2> /dev/null || mktemp -d -p /dev/shm) || exit
trap 'rm -rf "$pipe"' EXIT
mkfifo -m 600 "$pipe/stdin" || exit
exec 3<&0
cat <&3 > "$pipe/stdin" 2> /dev/null &
# shellcheck disable=SC2016 # the inner shell's
sudo -n -- sh -c 'SSH_CONNECTION=$1; export SSH_CONNECTION; exec < "$2"; shift 2; exec "$@"' fakevpc "${SSH_CONNECTION-}" "$pipe/stdin" "$0" "$@" < /dev/null && exit
code=$?
: <> "$pipe/stdin" # what still waits for a reader ends
sudo -n true 2> /dev/null < /dev/null && exit "$code"
echo "fakevpc: user $(id -un) is not root and has no sudo without a password: log in as root, or add '$(id -un) ALL=(ALL) NOPASSWD: ALL' to /etc/sudoers.d" >&2
exit 1
