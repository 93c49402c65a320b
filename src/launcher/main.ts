import { LAUNCH_PLAN_ENV, type LaunchPlan } from "../launch-plan/launch-plan.ts";
import { parseLaunchPlan } from "../launch-plan/parse-launch-plan.ts";
import { ACCELERATION_MESSAGE, EXIT_CODES, type Ending } from "../launch-plan/pod-contract.ts";
import { ConsoleLog } from "./console/console-log.ts";
import { SerialConsole } from "./console/serial-console.ts";
import { toStdout } from "./console/stdout.ts";
import { ControlServer } from "./control/control-server.ts";
import { CONTROL_SOCKET } from "./control/protocol.ts";
import { verbsOf } from "./control/verbs.ts";
import { prepareKernel } from "./disks/kernel-image.ts";
import { prepareDisks } from "./disks/prepare-disks.ts";
import { domainName } from "./domain/identity.ts";
import { domainXml } from "./domain/domain-xml.ts";
import { SERIAL_LOG, SERIAL_SOCKET } from "./domain/serial.ts";
import type { Accelerator, PreparedDisk } from "./domain/domain-spec.ts";
import { chooseAccelerator, gatherKvmEvidence } from "./hypervisor/acceleration.ts";
import { DomainControl } from "./hypervisor/domain-control.ts";
import { qemuLastWords } from "./hypervisor/qemu-log.ts";
import { Hypervisor } from "./hypervisor/hypervisor.ts";
import { prepareFilesystems } from "./init-data/filesystems.ts";
import { prepareIgnition } from "./init-data/ignition.ts";
import { endingOf, endingOfFailure, writeTerminationMessage } from "./life/ending.ts";
import { GuestLife } from "./life/guest-life.ts";
import { PauseSign } from "./life/pause.ts";
import { RoomWatch } from "./life/room-watch.ts";
import { announceEnd, announceFailure, announceRunning } from "./life/started.ts";
import { interruption, stopSignal } from "./life/stop-signal.ts";
import { log, timed } from "./log.ts";
import { prepareNetwork } from "./network/prepare-network.ts";

/** Starts the guest, stays until it has stopped, and tells why. */
async function launch(plan: LaunchPlan, accelerator: Accelerator, stop: AbortSignal): Promise<Ending> {
  const life = new GuestLife();
  const pause = new PauseSign();
  let room: RoomWatch | undefined;
  const start = async (): Promise<{ hypervisor: Hypervisor; disks: PreparedDisk[] }> => {
    const [hypervisor, disks, filesystems, network, ignitionFile, kernel] = await Promise.all([
      timed(
        "libvirtd",
        Hypervisor.start(accelerator, (event) => {
          pause.observe(event);
          room?.observe(event);
          life.observe(event);
        }),
      ),
      timed("disks", prepareDisks(plan)),
      prepareFilesystems(plan),
      timed("network", prepareNetwork(plan)),
      timed("init-data", prepareIgnition(plan.ignition)),
      prepareKernel(plan.kernelBoot),
    ]);
    const { interfaces } = network;
    const devices = { disks, filesystems, interfaces };
    await hypervisor.createDomain(domainXml({ plan, accelerator, ...devices, kernel, ignitionFile }));
    return { hypervisor, disks };
  };
  const { startSeconds, gracePeriodSeconds } = plan.timeouts;
  const { hypervisor, disks } = await Promise.race([start(), interruption(stop, startSeconds)]);
  const domain = new DomainControl((question) => hypervisor.ask(question));
  const watch = (room = roomWatch(disks, domain, pause));
  announceRunning();
  log.step("running");
  const consoleLog = ConsoleLog.follow(SERIAL_LOG, toStdout);
  const control = await openControl(plan, domain, () => {
    watch.hold();
    pause.explain("User");
  });
  const bringDown = (): void => void life.bringDown(hypervisor, gracePeriodSeconds);
  if (stop.aborted) bringDown();
  else stop.addEventListener("abort", bringDown, { once: true });
  const moments = await life.lastMoments();
  control?.close();
  watch.hold();
  await consoleLog.end();
  const lastWords = await qemuLastWords(domainName(plan));
  const watchdogEnds = plan.watchdog === "poweroff";
  return { ...endingOf({ ...moments, lastWords, watchdogEnds }), acceleration: accelerator };
}

/** Lets the guest go on that was paused for lack of room. */
function roomWatch(disks: PreparedDisk[], domain: DomainControl, pause: PauseSign): RoomWatch {
  return new RoomWatch({
    disks,
    qmp: async (command) => domain.qmp(command),
    unpause: async () => domain.unpause(),
    explain: (reason) => pause.explain(reason),
  });
}

/** Verbs are a help to people: a guest runs without them, too. */
async function openControl(
  plan: LaunchPlan,
  domain: DomainControl,
  holdPause: () => void,
): Promise<ControlServer | undefined> {
  const console = new SerialConsole(SERIAL_SOCKET);
  const verbs = verbsOf({ plan, domain, console, holdPause });
  return ControlServer.listen(CONTROL_SOCKET, verbs).catch((error: unknown) => {
    log.error("verbs are not served", { reason: String(error) });
    return undefined;
  });
}

async function main(): Promise<void> {
  const stop = stopSignal();
  let ending: Ending;
  try {
    log.step("node");
    const plan = parseLaunchPlan(process.env[LAUNCH_PLAN_ENV] ?? "");
    const { accelerator, obstacle } = chooseAccelerator(plan.acceleration, await gatherKvmEvidence());
    log.info(ACCELERATION_MESSAGE, { accelerator, obstacle });
    ending = await launch(plan, accelerator, stop);
  } catch (error) {
    ending = endingOfFailure(error);
    announceFailure(ending.message);
  }
  announceEnd();
  writeTerminationMessage(ending);
  log.info("the end", { ...ending });
  process.exit(EXIT_CODES[ending.reason]);
}

await main();
