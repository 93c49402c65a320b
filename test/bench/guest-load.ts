// What two guests do that are compared: the same work in turns, so that what else the machine does meets both alike.

/** Rounds of each guest; the first warms caches up and does not count. */
export const ROUNDS = 13;
/** Of a disk that is empty, and of a stream over the network. */
const MEBIBYTES = 192;
const PORT = 8080;

/** The second disk of a guest. */
const DISK = "/dev/vdb";

export const measures = ["disk write", "disk read", "network in", "network out"] as const;
export type Measure = (typeof measures)[number];

/** One round of one guest: bytes a second by measure. */
export interface Round {
  guest: string;
  figures: Record<Measure, number>;
}

/**
 * Ends when all rounds are done. A guest that asks for its turn waits for it; what it measured comes as lines, and is
 * written to the log as a line of JSON.
 */
const SERVER = `
const http = require("node:http");
const block = Buffer.alloc(1 << 20);
const waiting = new Map();
const guests = [];
let rounds = 0, busy = false;
const pass = () => {
  const guest = guests[rounds % 2];
  const turn = guests.length === 2 && !busy ? waiting.get(guest) : undefined;
  if (turn === undefined) return;
  busy = true;
  waiting.delete(guest);
  turn.end("go");
};
http.createServer((request, response) => {
  const [, what, name] = request.url.split("/");
  if (what === "turn") {
    if (!guests.includes(name)) guests.push(name);
    waiting.set(name, response);
    return pass();
  }
  if (request.method === "GET") {
    let left = ${String(MEBIBYTES)};
    const more = () => { while (left-- > 0) if (!response.write(block)) return; response.end(); };
    response.on("drain", more);
    return more();
  }
  const chunks = [];
  request.on("data", (data) => what === "result" && chunks.push(data));
  request.on("end", () => {
    response.end();
    if (what !== "result") return;
    console.log(JSON.stringify({ guest: name, lines: Buffer.concat(chunks).toString().trim().split("\\n") }));
    rounds++;
    busy = false;
    pass();
  });
}).listen(${String(PORT)}, "0.0.0.0");
`;

/** The pod that the guests load and that gives them their turns. */
export function loadPod(image: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "load" },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "load", image, imagePullPolicy: "Never", command: ["node", "-e", SERVER] }],
    },
  };
}

const script = (guest: string, loadAddress: string): string => `
url=http://${loadAddress}:${String(PORT)}
# A hole is read faster than blocks are.
dd if=/dev/zero of=${DISK} bs=1M count=${String(MEBIBYTES)} oflag=direct conv=nocreat
for round in $(seq ${String(ROUNDS)}); do
  until curl -sf -o /dev/null $url/turn/${guest}; do sleep 1; done
  {
    dd if=/dev/zero of=${DISK} bs=1M count=${String(MEBIBYTES)} oflag=direct conv=nocreat 2>&1 | tail -1
    dd if=${DISK} of=/dev/null bs=1M count=${String(MEBIBYTES)} iflag=direct 2>&1 | tail -1
    curl -s -o /dev/null -w '%{speed_download}\\n' $url/data
    head -c ${String(MEBIBYTES)}M /dev/zero | curl -s -o /dev/null -w '%{speed_upload}\\n' -T - $url/data
  } >/run/bench
  curl -sf -X POST --data-binary @/run/bench $url/result/${guest}
done
`;

/** What stands in a guest's network configuration for what its pod only knows when it runs. */
export const ADDRESS_MARK = "BENCH-ADDRESS";
export const GATEWAY_MARK = "BENCH-GATEWAY";

const FIXED_NETWORK = `[Match]
Driver=virtio_net
[Network]
Address=${ADDRESS_MARK}
Gateway=${GATEWAY_MARK}
`;

/**
 * What the guest reads at its first boot.
 * @param network `fixed`: nobody leases an address, it is filled in for the marks
 */
export function loadIgnition(guest: string, loadAddress: string, network: "leased" | "fixed"): object {
  const source = `data:;base64,${Buffer.from(script(guest, loadAddress)).toString("base64")}`;
  // Not in base64, for the marks to be found.
  const fixed = `data:,${encodeURIComponent(FIXED_NETWORK)}`;
  const contents = `[Unit]
Wants=network-online.target
[Service]
Type=exec
ExecStart=/bin/sh /etc/bench.sh
[Install]
WantedBy=multi-user.target
`;
  return {
    ignition: { version: "3.3.0" },
    storage: {
      files: [
        { path: "/etc/bench.sh", contents: { source } },
        ...(network === "leased"
          ? []
          : [{ path: "/etc/systemd/network/00-bench.network", mode: 0o644, contents: { source: fixed } }]),
      ],
    },
    systemd: { units: [{ name: "bench.service", enabled: true, contents }] },
  };
}

/** The rounds in the load pod's log so far. */
export function roundsOf(log: string): Round[] {
  return log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => {
      const { guest, lines } = JSON.parse(line) as { guest: string; lines: string[] };
      const [write = "", read = "", inward = "", outward = ""] = lines;
      const figures = {
        "disk write": ddRate(write),
        "disk read": ddRate(read),
        "network in": Number(inward),
        "network out": Number(outward),
      };
      return { guest, figures };
    });
}

/** Of dd's last line: `67108864 bytes (67 MB, 64 MiB) copied, 0.5 s, 134 MB/s`. */
function ddRate(line: string): number {
  const [, bytes, seconds] = /^(\d+) bytes .* copied, ([\d.e-]+) s,/.exec(line) ?? [];
  if (bytes === undefined || seconds === undefined) throw new Error(`dd said: ${line}`);
  return Number(bytes) / Number(seconds);
}
