import { virtualMachineInstances, virtualMachines } from "../../api/resources.ts";
import { CliError, ExitCode } from "../frame/cli-error.ts";
import type { Globals } from "../frame/globals.ts";
import { print } from "../frame/output.ts";
import { withSession } from "../kube/session.ts";
import { writeArchive } from "./archive.ts";
import { launchersOf, machineParts, namesIn } from "./machine-parts.ts";
import { eventsPart, versionsPart } from "./namespace-parts.ts";

/** `nestctl diag`: what can be had; what cannot says why. */
export async function diag(globals: Globals, name: string, options: { file?: string }): Promise<void> {
  const { file = `${name}-diag.tar.gz` } = options;
  await withSession(globals, async (session) => {
    const { client, namespace } = session;
    const [machine, instance] = await Promise.all([
      client.find(virtualMachines, namespace, name),
      client.find(virtualMachineInstances, namespace, name),
    ]);
    if (machine === undefined && instance === undefined) {
      throw new CliError(
        ExitCode.notFound,
        `there is no machine and no instance "${name}" in namespace ${namespace}`,
        "look at what there is with nestctl get",
      );
    }
    const state = { machine, instance, launchers: await launchersOf(session, name) };
    await writeArchive(file, `${name}-diag`, async (add) =>
      add([
        ...machineParts(session, state),
        eventsPart(session, new Set(namesIn(state))),
        versionsPart(session),
      ]),
    );
    print(`${file}\n`);
  });
}
