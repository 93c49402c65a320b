import { Conversation } from "./conversation.ts";

/** A program in a real terminal (a pty that script(1) makes), with a person's keys and what the screen shows. */
export class Terminal extends Conversation {
  /** @param command words without anything that a shell would read */
  constructor(command: readonly string[]) {
    const line = command.map((word) => `'${word}'`).join(" ");
    super("script", ["--quiet", "--return", "--flush", "--command", line, "/dev/null"], "utf8");
  }
}
