/**
 * The line, from 1, of what JSON.parse said of a text that it refused.
 *
 * V8 tells the place of some faults and keeps quiet about that of others: "Unexpected token" comes without. That fault is
 * in the first line with which the text up to there has it.
 */
export function lineOfFault(text: string, { message }: SyntaxError): number {
  const [, told] = /\(line (\d+) column/.exec(message) ?? [];
  // What is missing at the end is missed after the last line that has something.
  const last = text.trimEnd().split("\n").length;
  if (told !== undefined) return Math.min(Number(told), last);
  if (!isUnexpectedToken(message)) return last;
  const lines = text.split(/(?<=\n)/);
  let [low, high] = [1, lines.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isUnexpectedToken(faultOf(lines.slice(0, middle).join("")))) high = middle;
    else low = middle + 1;
  }
  return low;
}

function faultOf(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

function isUnexpectedToken(message: string): boolean {
  return message.startsWith("Unexpected token");
}
