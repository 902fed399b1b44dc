#!/bin/sh
# machine.sh start    starts a virtual machine, or leaves it alone where it runs as it should; prints its address
# machine.sh remove   shuts it down, and deletes its disk
#
# Variables: NAME, DIRECTORY (the machine's own), IMAGE (a directory that image.sh printed), MEMORY (in MiB), CORES,
# SSH_PORT and WG_PORT. Standard input of start is the user data for cloud-init.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=examples/vms/process.sh
. "$here/process.sh"

say() { printf '%s: %s\n' "$NAME" "$*" >&2; }

start() {
  umask 077 # the user data has the machine's own SSH key
  mkdir -p "$DIRECTORY"
  cd "$DIRECTORY"
  cat >user-data
  settings="$MEMORY MiB, $CORES cores, SSH on port $SSH_PORT, WireGuard on port $WG_PORT"
  accelerator=$(sh "$here/accelerator.sh")
  if machine_runs "$DIRECTORY" && [ "$(cat settings)" = "$settings" ]; then
    wait_for_ssh
  else
    stop_machine "$DIRECTORY"
    had_disk=$([ ! -e disk.qcow2 ] || echo yes)
    trap 'clean_up $?' EXIT
    boot
    wait_for_ssh
    trap - EXIT
  fi
  echo 127.0.0.1
}

boot() {
  # The disk holds only what differs from the image. A machine keeps the disk that it was made with.
  [ -n "$had_disk" ] || qemu-img create -q -f qcow2 -F qcow2 -b "$IMAGE/disk.qcow2" disk.qcow2
  printf '{ "instance-id": "%s" }\n' "$NAME" >meta-data
  genisoimage -quiet -volid CIDATA -rock -joliet -output seed.iso user-data meta-data
  rm -f monitor.in monitor.out
  mkfifo monitor.in monitor.out
  printf '%s\n' "$settings" >settings
  say "boots with $settings ($accelerator)"
  set --
  if [ -e "$IMAGE/kernel" ]; then
    set -- -kernel "$IMAGE/kernel" -initrd "$IMAGE/initrd" -append "root=/dev/vda console=ttyS0 quiet cryptomgr.notests"
  fi
  # The disk need not outlive a power cut of this machine, so writes to it do not wait.
  # shellcheck disable=SC2086
  qemu-system-x86_64 -name "$NAME" -machine q35 $accelerator -m "$MEMORY" -smp "$CORES" \
    -nodefaults -no-user-config -display none -serial file:console.log -monitor pipe:monitor \
    -drive file=disk.qcow2,if=virtio,format=qcow2,cache=unsafe \
    -drive file=seed.iso,if=virtio,format=raw,readonly=on \
    -nic "user,model=virtio-net-pci,$(forward tcp "$SSH_PORT" 22),$(forward udp "$WG_PORT" "$WG_PORT")" \
    -device virtio-rng-pci "$@" -daemonize -pidfile "$DIRECTORY/pid" >&2
}

# From this machine's loopback alone, where the other machines find it too, as 10.0.2.2.
forward() {
  printf 'hostfwd=%s:127.0.0.1:%s-:%s' "$1" "$2" "$3"
}

# QEMU takes connections before the machine does, so the wait is for a word of the SSH server itself.
wait_for_ssh() {
  case $accelerator in
    *kvm*) limit=120 ;;
    *) limit=1800 ;;
  esac
  start=$(date +%s)
  told=0
  until ssh-keyscan -t ed25519 -T 30 -p "$SSH_PORT" 127.0.0.1 2>/dev/null | grep -q .; do
    seconds=$(($(date +%s) - start))
    machine_runs "$DIRECTORY" || fail "QEMU ended"
    [ "$seconds" -lt "$limit" ] || fail "SSH did not answer within $limit s"
    if [ $((seconds - told)) -ge 10 ]; then
      say "waiting for SSH, $seconds s"
      told=$seconds
    fi
    sleep 1
  done
}

fail() {
  [ ! -e console.log ] || tail -n 20 console.log >&2
  say "$* (its console's last lines are above): mend the cause and run again"
  exit 1
}

# A machine that did not start leaves nothing new behind: Pulumi does not know of it, and would never remove it.
clean_up() {
  [ "$1" != 0 ] || return 0
  switch_off "$DIRECTORY"
  [ -n "$had_disk" ] || rm -rf "$DIRECTORY"
}

remove() {
  stop_machine "$DIRECTORY"
  rm -rf "$DIRECTORY"
}

case $1 in
  start | remove) "$1" ;;
esac
