#!/bin/sh
# Run inside the guest's tree once all files are there.
set -eu
useradd --create-home --shell /bin/bash --groups sudo,adm --password '*' core
passwd --quiet --lock root
systemctl preset-all
systemctl set-default multi-user.target
# Neither asks questions at a first boot nor waits for what a guest has not.
systemctl mask systemd-firstboot.service systemd-pstore.service e2scrub_reap.service \
  e2scrub_all.timer fstrim.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
  systemd-rfkill.socket console-getty.service rescue.service >/dev/null
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
echo uninitialized >/etc/machine-id
: >/boot/ignition.firstboot
rm -f /etc/hostname /etc/fstab /etc/ssh/ssh_host_* /var/lib/dbus/machine-id /var/lib/systemd/random-seed
depmod "$(ls /usr/lib/modules)"
ldconfig
rm -rf /var/log/* /var/cache/* /tmp/* /var/lib/apt /var/lib/dpkg/*-old /run/*
mkdir -p /var/log/private
# Names of hardware that no virtual machine has; looking them up would slow every boot.
rm -rf /usr/lib/udev/hwdb.bin /usr/lib/udev/hwdb.d /etc/udev/hwdb.d
