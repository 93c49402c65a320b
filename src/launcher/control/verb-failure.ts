import { ConsoleUnavailable } from "../console/serial-console.ts";
import { NotConnected } from "../hypervisor/hypervisor.ts";
import { ConnectionLost, isAgentMissing, LibvirtError } from "../hypervisor/libvirt-error.ts";
import { Busy, TookTooLong } from "../hypervisor/one-at-a-time.ts";
import { VerbError } from "./protocol.ts";

/** Any failure of a verb as its caller is told of it: what is wrong and what to do. */
export function verbErrorOf(error: unknown): VerbError {
  if (error instanceof VerbError) return error;
  const words = error instanceof Error ? error.message : String(error);
  if (isAgentMissing(error)) {
    return new VerbError(
      "AgentNotConnected",
      `the guest's agent does not answer (${words}): install qemu-guest-agent in the guest and start it, or wait ` +
        "until the guest has booted",
    );
  }
  if (error instanceof Busy) return new VerbError("Unavailable", `${words}; try again in a moment`);
  if (error instanceof TookTooLong) {
    return new VerbError("TimedOut", `${words}: qemu or its node may be overloaded; try again`);
  }
  if (error instanceof NotConnected || error instanceof ConnectionLost) {
    return new VerbError("Unavailable", `${words}; the guest goes on, try again in a moment`);
  }
  if (error instanceof ConsoleUnavailable)
    return new VerbError("Unavailable", `${words}; has the guest ended?`);
  if (error instanceof LibvirtError) return new VerbError("Refused", `libvirt refuses: ${words}`);
  return new VerbError("Refused", words);
}
