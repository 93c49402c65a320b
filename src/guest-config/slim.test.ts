import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  API_SERVER_ARGS,
  controllerManagerArgs,
  etcdArgs,
  KUBELET_ARGS,
  KUBELET_SETTINGS,
  patches,
  PROXY_SETTINGS,
  schedulerArgs,
} from "./slim.ts";

describe("what makes a guest cluster small", () => {
  it("is listed for its users, setting by setting, with its value", () => {
    const guide = readFileSync(new URL("../../docs/performance.md", import.meta.url), "utf8");
    const rows = guide.split("\n").filter((line) => line.startsWith("|"));
    const args = [
      ...[API_SERVER_ARGS, controllerManagerArgs("one"), schedulerArgs("one"), KUBELET_ARGS].flat(),
      ...etcdArgs("lost", "v1.36.3"),
    ].map(({ name, value }): [string, unknown] => [name, value]);
    const proxy = [PROXY_SETTINGS.iptables, PROXY_SETTINGS.conntrack].flatMap((part) => Object.entries(part));
    for (const [name, value] of [...args, ...Object.entries(KUBELET_SETTINGS), ...proxy]) {
      const row = rows.find((line) => line.includes(`\`${name}\``) && line.includes(String(value)));
      assert.ok(row !== undefined, `docs/performance.md does not list ${name}: ${String(value)}`);
    }
  });

  it("asks each part whether it is ready or alive less often than kubeadm would, and less than once a minute", () => {
    interface Patch {
      spec: { containers?: Container[]; template?: { spec: { containers: Container[] } } };
    }
    interface Container {
      livenessProbe: { periodSeconds: number };
      readinessProbe?: { periodSeconds: number };
    }
    for (const [name, patch] of Object.entries(patches()) as [string, Patch][]) {
      const [container] = patch.spec.containers ?? patch.spec.template?.spec.containers ?? [];
      assert.ok(container !== undefined, name);
      const { livenessProbe, readinessProbe } = container;
      assert.ok(livenessProbe.periodSeconds > 10 && livenessProbe.periodSeconds <= 60, name);
      if (readinessProbe !== undefined) assert.ok(readinessProbe.periodSeconds === 15, name);
    }
  });
});
