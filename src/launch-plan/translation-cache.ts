const MiB = 2 ** 20;

/**
 * Memory for what qemu keeps of an emulated guest's translated programs, in bytes; a gigabyte of its own accord. A
 * quarter of the guest's memory, since small guests run small programs, between 64 and 512 MiB. When it is full qemu
 * begins anew.
 */
export function translationCacheBytes(guestBytes: number): number {
  const mebibytes = Math.round(guestBytes / 4 / MiB);
  return Math.min(Math.max(mebibytes, 64), 512) * MiB;
}
