/** The mount points in or below the folders, innermost first (proc_pid_mountinfo(5)). */
export function parseMountPoints(mountinfo: string, dirs: readonly string[]): string[] {
  return mountinfo
    .split("\n")
    .map((line) => unescape(line.split(" ")[4] ?? ""))
    .filter((path) => dirs.some((dir) => path === dir || path.startsWith(`${dir}/`)))
    .reverse();
}

/** The kernel writes blanks, tabs, newlines and backslashes as three octal digits. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
