import assert from "node:assert/strict";
import { parseFlags } from "./flags.ts";

const image = ["--launcher-image", "x"];

describe("the controller's flags", () => {
  it("have defaults", () => {
    assert.deepEqual(parseFlags(image, {}), {
      launcherImage: "x",
      imageVolumes: true,
      hostDiskFolders: [],
      metricsAddress: ":8080",
      leaderElect: false,
      leaderElectNamespace: "nestlet-system",
      catalogNamespace: "nestlet-system",
      namespaces: [],
      logLevel: "info",
      concurrency: 16,
      help: false,
    });
  });

  it("are taken as given", () => {
    const flags = parseFlags(
      [
        ...image,
        ...["--kubeconfig", "/k", "--namespaces", "a, b,", "--metrics-address", "127.0.0.1:1"],
        ...[
          "--catalog-namespace",
          "there",
          "--host-disk-folders",
          "/srv/disks/, /var/lib/vms",
          "--copy-images",
        ],
        ...["--leader-elect", "--leader-elect-namespace", "ns", "--log-level", "debug", "--concurrency", "2"],
      ],
      { POD_NAMESPACE: "other" },
    );
    assert.deepEqual(flags, {
      kubeconfig: "/k",
      launcherImage: "x",
      imageVolumes: false,
      hostDiskFolders: ["/srv/disks", "/var/lib/vms"],
      metricsAddress: "127.0.0.1:1",
      leaderElect: true,
      leaderElectNamespace: "ns",
      catalogNamespace: "there",
      namespaces: ["a", "b"],
      logLevel: "debug",
      concurrency: 2,
      help: false,
    });
  });

  it("take the Lease's namespace from the pod", () => {
    assert.equal(parseFlags(image, { POD_NAMESPACE: "here" }).leaderElectNamespace, "here");
  });

  it("need no image for help", () => {
    assert.equal(parseFlags(["--help"], {}).help, true);
  });

  const wrong: [string[], RegExp][] = [
    [[], /^--launcher-image is missing; give the reference of the launcher's image$/],
    [["--bogus"], /^Unknown option '--bogus'; see --help$/],
    [["--launcher-image"], /^Option '--launcher-image <value>' argument missing; see --help$/],
    [[...image, "extra"], /^Unexpected argument 'extra'.*; see --help$/],
    [[...image, "--log-level", "loud"], /^--log-level "loud" is not known; use error, warn, info, debug$/],
    [
      [...image, "--host-disk-folders", "disks"],
      /^--host-disk-folders "disks" is no absolute path below \/; for example \/var\/lib\/disks$/,
    ],
    [[...image, "--host-disk-folders", "/"], /^--host-disk-folders "\/" is no absolute path below/],
    [[...image, "--concurrency", "0"], /^--concurrency "0" is not a whole number from 1 to 1000$/],
    [[...image, "--metrics-address", "x"], /^--metrics-address "x" is not host:port/],
  ];
  for (const [args, message] of wrong) {
    it(`are refused with one line: ${args.join(" ")}`, () => {
      assert.throws(
        () => parseFlags(args, {}),
        (error: Error) => message.test(error.message) && !error.message.includes("\n"),
      );
    });
  }
});
