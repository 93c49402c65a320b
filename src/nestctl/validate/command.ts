import { Command, Option } from "commander";

/** `nestctl validate` */
export function validateCommand(): Command {
  return new Command("validate")
    .summary("check manifests without a cluster")
    .description(
      "Checks Nestlet's objects by the schemas and rules that the API server has, and says in which line they are " +
        "wrong. Other kinds are passed over. Whether what they refer to exists, only a cluster knows.",
    )
    .argument("<file...>", "YAML or JSON files; - for standard input")
    .addOption(new Option("-o, --output <format>", "format of what is printed").choices(["json"]))
    .addHelpText(
      "after",
      "\nExamples:\n  nestctl validate vm.yaml\n  nestctl create vm web --image x/y:1 | nestctl validate -",
    )
    .action(async (files: string[], options: { output?: "json" }) => {
      const { validate } = await import("./validate.ts");
      await validate(files, options);
    });
}
