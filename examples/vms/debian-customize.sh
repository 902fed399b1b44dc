#!/bin/sh
# Runs once in the making of the image, with its root directory: what makes a cloud image of plain Debian.
set -eu
root=$1

# Of cloud-init's many modules only those that the user data asks for: each takes its time on an emulated processor.
cat >"$root/etc/cloud/cloud.cfg.d/90_image.cfg" <<'CONFIG'
datasource_list: [NoCloud]
network: { config: disabled }
cloud_init_modules: [write-files, set_hostname, update_hostname, update_etc_hosts, users-groups, ssh]
cloud_config_modules: [set-passwords, runcmd]
cloud_final_modules: [scripts-user]
CONFIG

printf '[Match]\nType=ether\n\n[Network]\nDHCP=ipv4\n' >"$root/etc/systemd/network/dhcp.network"
echo 'nameserver 10.0.2.3' >"$root/etc/resolv.conf" # QEMU's own
echo '/dev/vda / ext4 defaults 0 0' >"$root/etc/fstab"
chroot "$root" systemctl enable --quiet systemd-networkd.service

# Nothing that works on its own account just after a boot, that waits for more network than SSH needs, or for a person
# at a console that only writes.
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service dpkg-db-backup.timer \
  systemd-networkd-wait-online.service getty@tty1.service serial-getty@ttyS0.service; do
  ln -sfn /dev/null "$root/etc/systemd/system/$unit"
done

# Emulated on a busy machine, what takes a second may take minutes.
mkdir -p "$root/etc/systemd/system.conf.d"
printf '[Manager]\nDefaultTimeoutStartSec=15min\nDefaultDeviceTimeoutSec=15min\n' \
  >"$root/etc/systemd/system.conf.d/patience.conf"

# An archive of files keeps no capabilities, which ping needs for anybody but root; this does in their place.
echo 'net.ipv4.ping_group_range = 0 2147483647' >"$root/etc/sysctl.d/ping.conf"

# Only the drivers that QEMU's disk needs, and fast to unpack.
printf 'virtio_pci\nvirtio_blk\next4\n' >"$root/etc/initramfs-tools/modules"
sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=lz4/' "$root/etc/initramfs-tools/initramfs.conf"
chroot "$root" update-initramfs -u

# Every machine makes its own.
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
