#!/bin/sh
# Makes the disk of a system extension from its files. To be run in mount and process namespaces of its own: its
# mounts end with it.
# usage: assemble.sh WORK DISK
#   WORK/layers   tar files, unpacked over each other in the order of their names
#   DISK          raw disk to write, all of it one squashfs
set -eu
work=$1 disk=$2
tree=$work/tree

# A tmpfs keeps labels, which the build's own file system may not.
mkdir "$tree"
mount -t tmpfs -o mode=755,size=2g tmpfs "$tree"
for layer in "$work"/layers/*.tar; do tar -C "$tree" -xpf "$layer"; done

# What SELinux calls the files; without it a guest that enforces would run none of them. bin_t makes services that are
# not confined, as containers' programs cannot be.
label() { xargs -0 -r setfattr -h -n security.selinux -v "system_u:object_r:$1:s0"; }
find "$tree" -print0 | label usr_t
find "$tree/usr/lib" -print0 | label lib_t
find "$tree/usr/lib/systemd/system" -print0 | label systemd_unit_file_t
find "$tree/usr/bin" "$tree/usr/libexec" -print0 | label bin_t

# Not compressed: the qcow2 around it is, and qemu inflates that faster than an emulated guest would.
find "$tree" -exec touch -h -d @0 {} +
mksquashfs "$tree" "$disk" -quiet -no-progress -noappend -all-root -xattrs -noI -noD -noF -noX -no-exports
