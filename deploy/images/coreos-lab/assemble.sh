#!/bin/sh
# Makes the guest's disk from finished trees, without loop devices. To be run in mount and process namespaces
# of its own: its mounts end with it.
# usage: assemble.sh WORK DISK
#   WORK/layers      tar files, unpacked over each other in the order of their names
#   WORK/initramfs   tree of the initramfs
#   WORK/grub        boot.img and core.img
#   DISK             raw disk to write
set -eu
work=$1 disk=$2
here=$(dirname "$0")
tree=$work/tree
first_sector=2048
fs_bytes=$((3 * 1024 * 1024 * 1024))
export E2FSPROGS_FAKE_TIME=1
uuid=6e657374-6c65-4074-8c61-62726f6f7400

# On a tmpfs a folder lists its files in the order they came, so that the disk's inodes have one order too.
mkdir -p "$tree"
mount -t tmpfs -o mode=755,size=3g tmpfs "$tree"
for layer in "$work"/layers/*.tar; do tar -C "$tree" -xpf "$layer"; done
mkdir -p "$tree/dev" "$tree/proc" "$tree/sys" "$tree/run" "$tree/tmp" "$tree/opt/cni/bin"
chmod 1777 "$tree/tmp"

mount -t proc proc "$tree/proc"
mount -t tmpfs tmpfs "$tree/run"
cp "$here/customize.sh" "$tree/run/"
chroot "$tree" /bin/sh /run/customize.sh
umount "$tree/run" "$tree/proc"

find "$work/initramfs" -exec touch -h -d @0 {} +
(cd "$work/initramfs" && find . -print0 | sort -z | cpio --quiet --null -o -H newc -R 0:0 --reproducible) \
  >"$tree/boot/initramfs.img"
find "$tree" -xdev -exec touch -h -d @0 {} +

rm -f "$disk"
truncate -s $((first_sector * 512 + fs_bytes)) "$disk"
echo "$first_sector,,L,*" | sfdisk --quiet --no-reread --no-tell-kernel -X dos "$disk"
# The label's serial number must not be of this day.
sfdisk --quiet --no-reread --no-tell-kernel --disk-id "$disk" 0x6e65736c
mke2fs -q -t ext4 -F -L root -U "$uuid" -m 0 -N 131072 \
  -O "^metadata_csum_seed,^orphan_file,metadata_csum,64bit" \
  -E "offset=$((first_sector * 512)),hash_seed=$uuid,lazy_itable_init=1,nodiscard" \
  -d "$tree" "$disk" "$((fs_bytes / 1024))"
# mke2fs takes over when each file's inode last changed, which is now.
partition="$disk?offset=$((first_sector * 512))"
inodes=$(dumpe2fs -h "$partition" 2>/dev/null | awk '/^Inode count/ { all = $3 } /^Free inodes/ { free = $3 } END { print all - free }')
seq "$inodes" | sed 's/.*/set_inode_field <&> ctime @1/' | debugfs -w -f - "$partition" >/dev/null 2>&1
# The boot sector keeps its partition table; GRUB's core follows it and knows its own length.
dd if="$work/grub/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/grub/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
