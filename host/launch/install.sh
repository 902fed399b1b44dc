# Standard input is the host program: run its step from a file of its own, which the step keeps once it owns the place.
set -eu
umask 077
mkdir -p /var/lib/fakevpc
find /var/lib/fakevpc -maxdepth 1 -name 'program.*' -mmin +120 -delete # of steps that were killed
program=$(mktemp /var/lib/fakevpc/program.XXXXXX)
trap 'rm -f "$program"' EXIT
cat > "$program"
sh "$program" "$@"
