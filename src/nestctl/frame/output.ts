import { styleText } from "node:util";

/** How objects are printed; absent: a table. */
export type OutputFormat = "json" | "yaml" | "name" | "wide";

export const OUTPUT_FORMATS: readonly OutputFormat[] = ["json", "yaml", "name", "wide"];

/**
 * Columns as kubectl lays them out: three spaces between, nothing cut, no space at the ends of lines.
 * @param rows each as long as the heads
 */
export function tableText(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads.map((head) => head.toUpperCase()), ...rows];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => width(line[column]))));
  return lines
    .map((line) => {
      const cells = line.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell)));
      return `${cells.join("   ").trimEnd()}\n`;
    })
    .join("");
}

function width(text = ""): number {
  return Array.from(text).length;
}

export async function asYaml(value: unknown): Promise<string> {
  const { stringify } = await import("./yaml.ts");
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

export function asJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A value that has no columns: YAML unless told otherwise. */
export async function valueText(value: unknown, format: OutputFormat | undefined): Promise<string> {
  return format === "json" ? asJson(value) : asYaml(value);
}

export function print(text: string): void {
  process.stdout.write(text);
}

/** A word beside the result, on standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function warn(text: string): void {
  note(`${coloured("yellow", "warning:")} ${text}`);
}

/** Colour only where standard error is a terminal that wants it (NO_COLOR and the like are honoured). */
export function coloured(colour: "red" | "yellow" | "green" | "cyan", text: string): string {
  return styleText(colour, text, { stream: process.stderr });
}
