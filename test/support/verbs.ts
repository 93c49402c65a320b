import { execa } from "execa";
import { CONTROL_COMMAND } from "../../src/launch-plan/pod-contract.ts";
import { Conversation } from "./conversation.ts";
import type { Kubectl } from "./kubectl.ts";

const PROGRAM = CONTROL_COMMAND;

/** Calls a verb of a launcher pod and returns what both streams said, with the exit code. */
export async function tryVerb(
  kubectl: Kubectl,
  pod: string,
  ...verb: readonly string[]
): Promise<{ exitCode: number; output: string }> {
  return kubectl.try(["exec", pod, "--", PROGRAM, ...verb]);
}

/** Calls a verb that has to succeed. */
export async function verb(kubectl: Kubectl, pod: string, ...words: readonly string[]): Promise<string> {
  return kubectl.run(["exec", pod, "--", PROGRAM, ...words]);
}

/** Calls a verb whose result is no text. */
export async function binaryVerb(kubectl: Kubectl, pod: string, word: string): Promise<Buffer> {
  const { stdout } = await execa(
    "kubectl",
    ["--kubeconfig", kubectl.kubeconfig, "--namespace", kubectl.namespace, "exec", pod, "--", PROGRAM, word],
    { encoding: "buffer" },
  );
  return Buffer.from(stdout);
}

/** A client that is attached to the console or the display of a guest, as `kubectl exec -i` does it. */
export class Attached extends Conversation {
  constructor({ kubeconfig, namespace }: Kubectl, pod: string, word: "console" | "vnc") {
    const target = ["--kubeconfig", kubeconfig, "--namespace", namespace];
    super("kubectl", [...target, "exec", "-i", pod, "--", PROGRAM, word], "latin1");
  }
}
