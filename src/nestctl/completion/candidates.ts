import type { Argument, Command, Option } from "commander";

/** Names of which objects could stand at a place. */
export type NameKind = "vm" | "cluster" | "namespace" | "context";

/** What could stand in the place of the word that is being typed. */
export interface Candidates {
  /** Words, each with what it stands for. */
  words: { word: string; what: string }[];
  names: NameKind | undefined;
  /** Flags before it that decide whose names are asked for. */
  globals: { kubeconfig?: string; context?: string; namespace?: string };
}

const KIND_WORDS = ["vm", "vmi", "cluster"];

/** @param typed the words after the program's name; the last is being typed and may be empty */
export function candidatesFor(program: Command, typed: readonly string[]): Candidates {
  const place = walk(program, typed.slice(0, -1));
  const { option, command } = place;
  const globals = place.globals;
  if (option !== undefined) {
    return { words: choicesOf(option.argChoices), names: namesOfOption(option), globals };
  }
  const last = typed.at(-1) ?? "";
  if (last.startsWith("-")) return { words: optionsOf(command, program), names: undefined, globals };
  const argument = argumentAt(command, place.positionals);
  const subcommands = place.positionals === 0 ? subcommandsOf(command) : [];
  const kinds =
    argument?.name() === "target" && place.positionals === 0 && command.name() !== "ssh" ? KIND_WORDS : [];
  const words = [...subcommands, ...choicesOf(argument?.argChoices), ...choicesOf(kinds)];
  return { words, names: namesOfArgument(command, argument, place.firstPositional), globals };
}

interface Place {
  command: Command;
  /** The option whose value is being typed. */
  option: Option | undefined;
  positionals: number;
  firstPositional: string | undefined;
  globals: Candidates["globals"];
}

function walk(program: Command, before: readonly string[]): Place {
  const place: Place = {
    command: program,
    option: undefined,
    positionals: 0,
    firstPositional: undefined,
    globals: {},
  };
  for (const word of before) {
    if (place.option !== undefined) {
      remember(place, place.option, word);
      place.option = undefined;
    } else if (word.startsWith("-")) {
      passOption(place, program, word);
    } else {
      passWord(place, word);
    }
  }
  return place;
}

function passOption(place: Place, program: Command, word: string): void {
  const [flag, value] = word.split("=");
  const option = optionNamed(place.command, program, flag ?? word);
  if (option === undefined) return;
  if (value !== undefined) remember(place, option, value);
  else if (option.required || option.optional) place.option = option;
}

function passWord(place: Place, word: string): void {
  const next = place.positionals === 0 ? subcommandNamed(place.command, word) : undefined;
  if (next !== undefined) {
    place.command = next;
    return;
  }
  place.positionals++;
  place.firstPositional ??= word;
}

function remember({ globals }: Place, option: Option, value: string): void {
  const name = option.attributeName();
  if (name === "kubeconfig" || name === "context" || name === "namespace") globals[name] = value;
}

function optionNamed(command: Command, program: Command, flag: string): Option | undefined {
  return [...command.options, ...program.options].find(({ short, long }) => short === flag || long === flag);
}

function subcommandNamed(command: Command, word: string): Command | undefined {
  return command.commands.find((sub) => sub.name() === word || sub.aliases().includes(word));
}

function subcommandsOf(command: Command): Candidates["words"] {
  return command.commands.map((sub) => ({ word: sub.name(), what: sub.summary() || sub.description() }));
}

function optionsOf(command: Command, program: Command): Candidates["words"] {
  const all = command === program ? program.options : [...command.options, ...program.options];
  const words = all.map((option) => ({ word: option.long ?? option.short ?? "", what: option.description }));
  // Commander adds it when it is asked for.
  return [...words, { word: "--help", what: "display help for command" }];
}

function choicesOf(choices: readonly string[] | undefined): Candidates["words"] {
  return (choices ?? []).map((word) => ({ word, what: "" }));
}

function namesOfOption(option: Option): NameKind | undefined {
  const name = option.attributeName();
  return name === "namespace" || name === "context" ? name : undefined;
}

/** The last argument stands for all words after it. */
function argumentAt({ registeredArguments }: Command, position: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[position] ?? (last?.variadic === true ? last : undefined);
}

/** Commands whose targets are machines unless a kind is named. */
const OF_MACHINES = new Set(["ssh", "wait", "expose"]);

function namesOfArgument(
  command: Command,
  argument: Argument | undefined,
  first: string | undefined,
): NameKind | undefined {
  if (argument?.name() === "target") return namesOfTarget(command, first);
  return argument?.name() === "name" ? namesInGroup(command.parent?.name() ?? "") : undefined;
}

/** @param first what stands before it: a kind, or a name */
function namesOfTarget(command: Command, first: string | undefined): NameKind | undefined {
  if (first === undefined) return OF_MACHINES.has(command.name()) ? "vm" : undefined;
  return /^(cluster|coc|coreos)/.test(first) ? "cluster" : "vm";
}

/** New objects and entries of the catalog have names that nobody can look up. */
function namesInGroup(group: string): NameKind | undefined {
  switch (group) {
    case "cluster":
      return "cluster";
    case "create":
    case "image":
      return undefined;
    default:
      return "vm";
  }
}
