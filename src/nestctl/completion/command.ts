import { Argument, Command } from "commander";

/** `nestctl completion` and what its scripts call. */
export function completionCommand(): Command {
  return new Command("completion")
    .summary("print a script that completes words in a shell")
    .addArgument(new Argument("<shell>", "shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      "\nExamples:\n  source <(nestctl completion bash)\n  nestctl completion zsh > ~/.zfunc/_nestctl\n" +
        "  nestctl completion fish > ~/.config/fish/completions/nestctl.fish",
    )
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const { scriptOf } = await import("./scripts.ts");
      process.stdout.write(scriptOf(shell));
    });
}
