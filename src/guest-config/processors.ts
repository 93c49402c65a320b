import { file, type IgnitionFile, type IgnitionUnit } from "./ignition.ts";
import type { Member } from "./member.ts";

type Role = Member["role"];

/**
 * An emulated master with little to do keeps to one processor. Two wake each other, and each forgets what it knew of a
 * program's pages when that moves to the other: settled, a quarter of what a master costs. Workers keep theirs, since what
 * is started on them may ask how many there are. Where processors are real, none is turned off.
 */

const SCRIPT = "/etc/nestlet/processors.sh";
const STATE = "/run/nestlet";
const WANTED = `${STATE}/all-processors`;
/** There since the first was turned off here: what somebody else has turned off stays off. */
const TURNED_OFF = `${STATE}/processors-turned-off`;

/** Seconds between two looks, and the load in hundredths of a processor. */
const LOOKS = {
  interval: 10,
  /** With two: a settled master has some 50, one that has just come up 60. */
  little: 75,
  /** With one, which has no more than 100. */
  much: 90,
  /** As many in a row with little load, and one processor is enough. */
  enough: 6,
};

/** @param bootstrapped a file that is there when the member has joined: until then it has much to do, and waits little */
export function processorFiles(role: Role, bootstrapped: string): IgnitionFile[] {
  return role === "Master" ? [file(SCRIPT, script(bootstrapped), 0o644)] : [];
}

export function processorUnits(role: Role): IgnitionUnit[] {
  return role === "Master" ? [UNIT] : [];
}

const UNIT: IgnitionUnit = {
  name: "nestlet-processors.service",
  enabled: true,
  contents: `[Unit]
Description=As many emulated processors as there is work for
ConditionVirtualization=qemu

[Service]
ExecStart=/bin/sh ${SCRIPT}
ExecStopPost=/bin/sh ${SCRIPT} all
Restart=always
RestartSec=10

[Install]
WantedBy=multi-user.target
`,
};

/** For the kubelet: it asks once, when it starts, how many processors its Node has. */
export function processorDropins(role: Role): { name: string; contents: string }[] {
  const contents = `[Service]
ExecStartPre=-/bin/sh ${SCRIPT} all
`;
  return role === "Master" ? [{ name: "40-nestlet-processors.conf", contents }] : [];
}

function script(bootstrapped: string): string {
  return `set -u
processors=/sys/devices/system/cpu
turn() {
  for online in $processors/cpu[1-9]*/online; do
    [ ! -w "$online" ] || echo "$1" >"$online"
  done
}
if [ "\${1-}" = all ]; then
  mkdir -p ${STATE}
  : >${WANTED}
  [ ! -e ${TURNED_OFF} ] || turn 1
  exit
fi
mkdir -p ${STATE}
# In hundredths of a second: of work, on all processors that are on, and of time.
look() {
  read -r _ user nice system _ _ irq softirq _ </proc/stat
  worked=$((user + nice + system + irq + softirq))
  read -r now _ </proc/uptime
  now=\${now%.*}\${now#*.}
}
quiet=0
before=
while sleep ${String(LOOKS.interval)}; do
  [ -e ${bootstrapped} ] || continue
  if [ -e ${WANTED} ]; then
    rm -f ${WANTED}
    quiet=0
    before=
  fi
  look
  if [ -n "$before" ]; then
    load=$(((worked - worked_before) * 100 / (now - before)))
    read -r on <$processors/online
    quiet=$((quiet + 1))
    [ "$load" -lt ${String(LOOKS.little)} ] || quiet=0
    case $on in
      0) if [ "$load" -gt ${String(LOOKS.much)} ]; then turn 1; look; fi ;;
      *) if [ "$quiet" -ge ${String(LOOKS.enough)} ]; then : >${TURNED_OFF}; turn 0; look; fi ;;
    esac
  fi
  before=$now
  worked_before=$worked
done
`;
}
