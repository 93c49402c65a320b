import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Argument, Command, Option } from "commander";
import { format, resolveConfig } from "prettier";
import { makeProgram } from "../../src/nestctl/program.ts";
import { tableOf } from "../lib/markdown.ts";
import { repoRoot } from "../lib/paths.ts";

export const cliReference = join(repoRoot, "docs/nestctl.md");

const MARK = "<!-- From here on generated from src/nestctl by `npm run generate`: change it there. -->";

/** docs/nestctl.md with its reference as the program's definitions are now; what is before the mark is hand-written. */
export async function cliReferenceText(): Promise<string> {
  const before = await readFile(cliReference, "utf8");
  const text = withReference(before, referenceOf(makeProgram()));
  return format(text, { ...(await resolveConfig(cliReference)), parser: "markdown" });
}

/** @throws Error when the page has no mark */
export function withReference(page: string, reference: string): string {
  const at = page.indexOf(MARK);
  if (at < 0) throw new Error(`docs/nestctl.md: there is no line "${MARK}"`);
  return `${page.slice(0, at)}${MARK}\n\n${reference}`;
}

/** A section for each command, in the order of their names, and one for the flags of all of them. */
export function referenceOf(program: Command): string {
  const flags = program.options.map(optionRow);
  return [
    "## Flags of every command",
    tableOf(["flag", "meaning"], flags),
    "## Commands",
    ...leaves(program, program.name()).map(({ path, command }) => section(path, command)),
  ].join("\n\n");
}

interface Leaf {
  path: string;
  command: Command;
}

function leaves(parent: Command, path: string): Leaf[] {
  return [...parent.commands]
    .sort((one, other) => one.name().localeCompare(other.name(), "en"))
    .flatMap((command) => {
      const own = `${path} ${command.name()}`;
      return command.commands.length > 0 ? leaves(command, own) : [{ path: own, command }];
    });
}

function section(path: string, command: Command): string {
  const usage = [
    path,
    ...command.registeredArguments.map(argumentText),
    command.options.length > 0 ? "[flags]" : "",
  ];
  const rows = [
    ...command.registeredArguments.map((argument) => [`\`${argumentText(argument)}\``, described(argument)]),
    ...command.options.map(optionRow),
  ];
  return [
    `### ${path}`,
    command.description() || sentence(command.summary()),
    `\`\`\`text\n${usage.join(" ").trim()}\n\`\`\``,
    tableOf(["", ""], rows),
    ...examplesOf(command),
  ].join("\n\n");
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function argumentText(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionRow(option: Option): string[] {
  return [`\`${option.flags}\``, described(option)];
}

function described(of: {
  description: string;
  argChoices?: string[] | undefined;
  defaultValue?: unknown;
  envVar?: string | undefined;
}): string {
  const more = [
    ...(of.argChoices === undefined ? [] : [`one of ${of.argChoices.join(", ")}`]),
    ...(typeof of.defaultValue === "string" ? [`default \`${of.defaultValue}\``] : []),
    ...(of.envVar === undefined ? [] : [`environment \`${of.envVar}\``]),
  ];
  return [of.description, ...more].filter((part) => part !== "").join("; ");
}

/** The text behind a command's help, which begins with `Examples:`. */
function examplesOf(command: Command): string[] {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text), getOutHasColors: () => false });
  command.outputHelp();
  const [, examples] = /\nExamples?:\n([^]*)$/.exec(help) ?? [];
  if (examples === undefined) return [];
  const lines = examples
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^ {2}/, ""));
  return [`\`\`\`sh\n${lines.join("\n")}\n\`\`\``];
}
