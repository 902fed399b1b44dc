#!/bin/sh
# Runs once in the making of a base image, with its root directory: makes a hoster's server of a plain Debian.
set -eu
root=$1

# A real server's kernel package provides wireguard-modules; without one, installing wireguard brings a whole kernel.
# Here wireguard-go stands in for the module, through wg-quick's own fallback.
package=$(mktemp -d)
mkdir "$package/DEBIAN"
cat >"$package/DEBIAN/control" <<'CONTROL'
Package: linux-image-lab
Version: 6.18.0
Architecture: all
Maintainer: lab <lab@localhost>
Depends: wireguard-go
Provides: wireguard-modules (= 1.0.0)
Description: stands in for the kernel package
CONTROL
dpkg-deb --build "$package" "$root/linux-image-lab.deb" >/dev/null
chroot "$root" dpkg -i /linux-image-lab.deb >/dev/null
rm -r "$package" "$root/linux-image-lab.deb"

# Every server makes its own.
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"

# No surprise dpkg locks, and nothing that waits for hardware.
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service man-db.timer \
  dpkg-db-backup.timer systemd-networkd-wait-online.service console-getty.service; do
  ln -sfn /dev/null "$root/etc/systemd/system/$unit"
done
chroot "$root" systemctl enable systemd-networkd.service ssh.service >/dev/null 2>&1

chroot "$root" useradd -m -s /bin/bash ops
chroot "$root" useradd -m -s /bin/bash opspw
echo 'opspw:lab-sudo-password' | chroot "$root" chpasswd
echo 'ops ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ops"
echo 'opspw ALL=(ALL) ALL' >"$root/etc/sudoers.d/opspw"
chmod 440 "$root/etc/sudoers.d/ops" "$root/etc/sudoers.d/opspw"

mkdir -p "$root/etc/systemd/journald.conf.d" "$root/var/log/journal"
printf '[Journal]\nStorage=persistent\nSystemMaxUse=32M\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
printf 'UseDNS no\n' >"$root/etc/ssh/sshd_config.d/lab.conf"
printf 'Acquire::http::Proxy "http://198.51.100.1:3142";\nAcquire::Languages "none";\nAcquire::Retries "3";\n' \
  >"$root/etc/apt/apt.conf.d/00lab"
echo '# the lab has no name server' >"$root/etc/resolv.conf"
