import { Option } from "commander";
import { OUTPUT_FORMATS } from "./output.ts";

/** `-o`, as kubectl has it. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "format of what is printed").choices(OUTPUT_FORMATS);
}
