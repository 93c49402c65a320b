// The controller: keeps VirtualMachines and VirtualMachineInstances in step with what their specs ask for.
import { connect } from "../kube/connection.ts";
import { loadKubeConfig } from "../kube/kube-config.ts";
import { HealthServer } from "../kube/health-server.ts";
import { createLogger, type Logger } from "../kube/log.ts";
import { KubeMetrics } from "../kube/metrics.ts";
import { parseFlags, usage, type Flags } from "./flags.ts";
import { Manager } from "./manager.ts";

async function run(flags: Flags, log: Logger): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log.info("ending", { signal });
      stopping.abort();
    });
  }
  const connection = connect(loadKubeConfig(flags.kubeconfig));
  const metrics = new KubeMetrics();
  const manager = new Manager(flags, connection, log, metrics);
  const health = new HealthServer({
    address: flags.metricsAddress,
    registry: metrics.registry,
    unhealthy: () => manager.unhealthy(),
    unready: () => manager.unready(),
  });
  log.info("serving health and metrics", { port: await health.start() });
  try {
    await manager.run(stopping.signal);
  } finally {
    stopping.abort();
    await health.stop();
    await connection.close();
  }
}

/** One line for a person, whatever the log's format. */
function fail(error: unknown): void {
  console.error(`controller: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

try {
  const flags = parseFlags(process.argv.slice(2), process.env);
  if (flags.help) console.log(usage);
  else await run(flags, createLogger(flags.logLevel));
} catch (error) {
  fail(error);
}
