import { Command, Option } from "commander";
import { collect, globalsOf } from "../frame/globals.ts";
import { outputOption } from "../frame/output-option.ts";
import type { AddOptions, CatalogPlace, ListOptions } from "./images.ts";

/** `nestctl image …` */
export function imageCommand(): Command {
  return new Command("image")
    .alias("images")
    .summary("the catalog of images that clusters are made of")
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(removeCommand());
}

function systemNamespace(): Option {
  return new Option("--system-namespace <name>", "namespace of Nestlet's controller")
    .default("nestlet-system")
    .env("NESTLET_NAMESPACE");
}

function listCommand(): Command {
  return new Command("list")
    .summary("show the catalog")
    .addOption(outputOption())
    .addOption(systemNamespace())
    .addHelpText("after", "\nExample:\n  nestctl image list")
    .action(async (options: ListOptions, command: Command) => {
      const { list } = await import("./images.ts");
      await list(globalsOf(command), options);
    });
}

function addCommand(): Command {
  return new Command("add")
    .summary("add an image to the catalog, or change one")
    .argument("<name>", "name in the catalog, by which spec.image of a cluster asks for it")
    .requiredOption("--image <reference>", "image of the members' root disks")
    .requiredOption("--kubernetes <version>", "version that it holds; may be given more than once", collect)
    .option(
      "--match <pattern>",
      "for all names that this regular expression fits; $1 and so on in the other flags stand for its groups",
    )
    .option("--payload <reference>", "image with Kubernetes, where the image itself holds none")
    .option("--flavour <flavour>", "system in the image: coreos-lab, fedora-coreos or flatcar")
    .option("--ignition <version>", "newest config that the image reads")
    .option("--default", "for clusters that name no image, whatever entries of the chart say")
    .option("--dry-run", "print the entry instead of storing it")
    .addOption(systemNamespace())
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl image add lab35 --image registry.example/coreos-lab:1.35 --kubernetes v1.35.7\n" +
        "  nestctl image add any-lab --match 'lab-1\\.(\\d+)\\.(\\d+)' --image 'registry.example/coreos-lab:1.$1.$2' \\\n" +
        "    --kubernetes 'v1.$1.$2'\n" +
        "  nestctl image add flatcar --image registry.example/flatcar:1 --payload registry.example/payload:1 \\\n" +
        "    --kubernetes v1.36.3 --flavour flatcar",
    )
    .action(async (name: string, options: AddOptions, command: Command) => {
      const { add } = await import("./images.ts");
      await add(globalsOf(command), name, options);
    });
}

function removeCommand(): Command {
  return new Command("remove")
    .summary("take an image out of the catalog; clusters made of it stay")
    .argument("<name>", "name in the catalog")
    .addOption(systemNamespace())
    .addHelpText("after", "\nExample:\n  nestctl image remove lab35")
    .action(async (name: string, options: CatalogPlace, command: Command) => {
      const { remove } = await import("./images.ts");
      await remove(globalsOf(command), name, options);
    });
}
