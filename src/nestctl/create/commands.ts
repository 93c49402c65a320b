import { Command, Option } from "commander";
import { collect } from "../frame/globals.ts";
import { exposeOption, memberKeyOption } from "./cluster-options.ts";
import type { ClusterFlags, MachineFlags } from "./manifests.ts";

/** `nestctl create …`: manifests from flags, for kubectl apply. */
export function createCommand(): Command {
  return new Command("create")
    .summary("print a manifest made from flags, for kubectl apply -f -")
    .addCommand(createMachine())
    .addCommand(createCluster());
}

function createMachine(): Command {
  return new Command("vm")
    .summary("print a VirtualMachine")
    .argument("<name>", "name")
    .option("--image <reference>", "image of the root disk")
    .option(
      "--claim <name>",
      "PersistentVolumeClaim of the root disk; with --image, it keeps what the guest writes",
    )
    .option("--size <quantity>", "size of the root disk that the guest sees, with --image")
    .option("--memory <quantity>", "memory", "1Gi")
    .option("--cpus <count>", "virtual CPUs", "1")
    .addOption(
      new Option("--run-strategy <strategy>", "when it runs")
        .choices(["Always", "RerunOnFailure", "Manual", "Once", "Halted"])
        .default("Always"),
    )
    .option("--ignition <file>", "Ignition config")
    .option("--ignition-secret <name>", "Secret with the Ignition config")
    .option("--cloud-init <file>", "user data for cloud-init")
    .option("--cloud-init-secret <name>", "Secret with the user data")
    .option("--ssh-key <file>", "public key that may log in as core, in an Ignition config of its own")
    .option(
      "--empty-disk <quantity>",
      "further disk, empty at each run; may be given more than once",
      collect,
    )
    .option("--data-claim <name>", "further disk from a claim; may be given more than once", collect)
    .option(
      "-l, --label <label>",
      "KEY=VALUE of the machine and of its pods; may be given more than once",
      collect,
    )
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl create vm web --image nestlet.dev/coreos-lab:1.36 --ssh-key ~/.ssh/id_ed25519.pub | kubectl apply -f -\n" +
        "  nestctl create vm db --claim db-root --memory 4Gi --cpus 2 --cloud-init user-data.yaml",
    )
    .action(async (name: string, options: MachineFlags) => {
      const { printMachine } = await import("./print.ts");
      await printMachine(name, options);
    });
}

function createCluster(): Command {
  return new Command("cluster")
    .summary("print a CoreOSCluster")
    .argument("<name>", "name")
    .option("--image <image>", "name in the catalog, or the reference of an image (default: the catalog's)")
    .option("--kubernetes <version>", "one that the image holds (default: the newest)")
    .option("--workers <count>", "number of workers", "3")
    .option("--pool <pool>", "NAME=COUNT of further workers; may be given more than once", collect)
    .option("--cpus <count>", "virtual CPUs of each worker")
    .option("--memory <quantity>", "memory of each worker")
    .option("--master-cpus <count>", "virtual CPUs of the master")
    .option("--master-memory <quantity>", "memory of the master")
    .option("--persistent", "keep root disks on claims")
    .addOption(exposeOption())
    .addOption(memberKeyOption())
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl create cluster lab --workers 2 | kubectl apply -f -\n" +
        "  nestctl create cluster prod --persistent --expose NodePort --pool gpu=2 --ssh-key ~/.ssh/id_ed25519.pub",
    )
    .action(async (name: string, options: ClusterFlags) => {
      const { printCluster } = await import("./print.ts");
      await printCluster(name, options);
    });
}
