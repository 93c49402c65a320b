import assert from "node:assert/strict";
import { guestSpec } from "../../../test/support/stored.ts";
import { probesOf } from "./probes.ts";

const started = {
  exec: { command: ["/usr/bin/nestlet-started"] },
  periodSeconds: 1,
  timeoutSeconds: 310,
  failureThreshold: 1,
};
const http = { port: 80, path: "/" };

describe("a launcher's probes", () => {
  it("are the one that tells of the domain's start, as readiness, where the user gives none", () => {
    assert.deepEqual(probesOf(guestSpec, 300), { readinessProbe: started });
  });

  it("are patient for longer than the command keeps a known answer", () => {
    assert.equal(probesOf(guestSpec, 1).readinessProbe?.timeoutSeconds, 120);
  });

  it("are the user's after the start", () => {
    const spec = {
      ...guestSpec,
      readinessProbe: { httpGet: http, successThreshold: 2 },
      livenessProbe: { tcpSocket: { port: 22 }, periodSeconds: 30 },
    };
    assert.deepEqual(probesOf(spec, 300), {
      startupProbe: started,
      readinessProbe: { httpGet: http, successThreshold: 2 },
      livenessProbe: { tcpSocket: { port: 22 }, periodSeconds: 30 },
    });
  });

  it("of the guest's agent are asked by the launcher", () => {
    const spec = {
      ...guestSpec,
      readinessProbe: { exec: { command: ["test", "-e", "/run/ready"] }, timeoutSeconds: 5 },
      livenessProbe: { guestAgentPing: {}, initialDelaySeconds: 60 },
    };
    const ctl = "/usr/bin/nestlet-ctl";
    assert.deepEqual(probesOf(spec, 300), {
      startupProbe: started,
      readinessProbe: {
        exec: { command: [ctl, "exec", "--timeout", "5", "--", "test", "-e", "/run/ready"] },
        timeoutSeconds: 5,
      },
      livenessProbe: { exec: { command: [ctl, "ping"] }, initialDelaySeconds: 60 },
    });
    const hasty = probesOf({ ...guestSpec, readinessProbe: { exec: { command: ["true"] } } }, 300);
    assert.deepEqual(hasty.readinessProbe?.exec?.command, [ctl, "exec", "--timeout", "1", "--", "true"]);
  });

  it("leave readiness to the start where only liveness is the user's", () => {
    const probes = probesOf({ ...guestSpec, livenessProbe: { httpGet: http } }, 300);
    assert.deepEqual(Object.keys(probes), ["startupProbe", "livenessProbe"]);
  });
});
