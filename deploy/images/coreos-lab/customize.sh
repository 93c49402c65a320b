#!/bin/sh
# Run inside the guest's tree once all files are there.
set -eu
useradd --create-home --shell /bin/bash --groups sudo,adm --password '*' core
passwd --quiet --lock root
# What asks questions, waits for what a guest has not, or serves nobody here; each costs an emulated guest time.
systemctl mask --quiet systemd-firstboot.service systemd-pstore.service e2scrub_reap.service e2scrub_all.timer \
  fstrim.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer console-getty.service \
  systemd-remount-fs.service systemd-network-generator.service systemd-sysusers.service systemd-repart.service \
  systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-random-seed.service \
  systemd-user-sessions.service dev-mqueue.mount systemd-initctl.socket systemd-rfkill.socket \
  systemd-ask-password-console.path systemd-ask-password-wall.path proc-sys-fs-binfmt_misc.automount \
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount
mkdir -p /etc/systemd/system-generators
for name in cryptsetup gpt-auto hibernate-resume integritysetup rc-local run system-update sysv veritysetup; do
  ln -s /dev/null "/etc/systemd/system-generators/systemd-$name-generator"
done
for name in home legacy nologin provision pstore x11; do
  find /usr/lib/tmpfiles.d -name "$name.conf" -o -name "systemd-$name.conf" | xargs rm -f
done
# Names are resolved by the time that the network is up; nothing before that waits for them.
sed -i -e 's/^Before=sysinit.target network.target /Before=/' -e 's/^WantedBy=.*/WantedBy=multi-user.target/' \
  /usr/lib/systemd/system/systemd-resolved.service
systemctl preset-all
systemctl set-default multi-user.target
for module in configfs dm_mod drm fuse loop; do
  ln -s /dev/null "/etc/systemd/system/modprobe@$module.service"
done
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
echo uninitialized >/etc/machine-id
# Ignition configures the guest at its first boot, unless cloud-init is there to do it.
[ -x /usr/bin/cloud-init ] || : >/boot/ignition.firstboot
rm -f /etc/modules-load.d/modules.conf /etc/hostname /etc/fstab /var/lib/dbus/machine-id /var/lib/systemd/random-seed
# The container images' Kubernetes is the guest's own, one file for disk and memory.
for folder in /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/*/fs/usr/local/bin; do
  if [ -L "$folder/kube-apiserver" ]; then ln /usr/bin/kubernetes "$folder/kubernetes"; fi
done
depmod "$(ls /usr/lib/modules)"
ldconfig
# apt itself is not here, and its sources are the building machine's.
rm -rf /etc/apt /var/log/* /var/cache/* /tmp/* /var/lib/apt /var/lib/dpkg/*-old /run/*
mkdir -p /var/log/private
# Names of hardware that no virtual machine has; looking them up would slow every boot.
rm -rf /usr/lib/udev/hwdb.bin /usr/lib/udev/hwdb.d /etc/udev/hwdb.d
