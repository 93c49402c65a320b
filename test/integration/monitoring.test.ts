import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { repoRoot } from "../../hack/lib/paths.ts";
import { virtualMachines as machines } from "../../src/api/resources.ts";
import type { Client } from "../../src/kube/client.ts";
import { eventually } from "../support/eventually.ts";
import { renderChart } from "./harness/cluster.ts";
import { MachineLife } from "./harness/machine-life.ts";
import { machine } from "./harness/objects.ts";
import { withController } from "./harness/stage.ts";

interface AlertGroup {
  rules: { alert: string; expr: string; for: string; labels: object; annotations: Record<string, string> }[];
}

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}

const files = join(repoRoot, "deploy/chart/files");

/** Names of metrics in an expression of PromQL; those of other programs' metrics never occur. */
function metricsIn(expression: string): string[] {
  const names = expression.match(/\b[a-z]+(?:_[a-z0-9]+)+\b(?=[{[)\s]|$)/g) ?? [];
  return names.filter((name) => !/^(histogram_quantile|label_values)$/.test(name));
}

/** The labels that an expression selects by, per metric. */
function labelsIn(expression: string): [metric: string, label: string][] {
  return [...expression.matchAll(/([a-z_]+)\{([^}]*)\}/g)].flatMap(([, metric = "", selector = ""]) =>
    [...selector.matchAll(/(\w+)\s*=~?"/g)].map(([, label = ""]): [string, string] => [metric, label]),
  );
}

/** Prometheus adds these to each sample. */
const added = new Set(["namespace", "pod", "job", "instance", "le"]);

describe("what watches the controller", () => {
  let client: Client;
  let namespace: string;

  const controller = withController((stage) => ({ client, namespace } = stage), "--leader-elect");

  /** Every expression of the alert rules and of the dashboard, by where it is. */
  const expressions = async (): Promise<[where: string, expression: string][]> => {
    const groups = parse(await readFile(join(files, "alerts.yaml"), "utf8")) as AlertGroup[];
    const { panels } = JSON.parse(await readFile(join(files, "dashboard.json"), "utf8")) as Dashboard;
    return [
      ...groups.flatMap(({ rules }) => rules.map(({ alert, expr }): [string, string] => [alert, expr])),
      ...panels.flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, expr])),
    ];
  };

  it("looks only at what the controller tells", async () => {
    await client.create(machines, machine(namespace, "a", "Always"));
    const life = new MachineLife(client, namespace);
    await life.runs();
    await life.shows("Running");
    const all = await expressions();
    assert.ok(all.length > 20, String(all.length));
    // What a start took is written down after it is shown.
    await eventually(async () => {
      const told = await controller.get("/metrics");
      for (const [where, expression] of all) {
        const names = metricsIn(expression);
        assert.ok(names.length > 0, `${where}: ${expression}`);
        for (const name of names) {
          const family = name.replace(/_(bucket|sum|count)$/, "");
          const pattern = new RegExp(`^# TYPE (${name}|${family}) `, "m");
          assert.match(told, pattern, `${where}: ${name} is not told`);
        }
        for (const [name, label] of labelsIn(expression)) {
          if (added.has(label)) continue;
          const sample = new RegExp(`^${name}\\{[^}]*\\b${label}="`, "m");
          assert.match(told, sample, `${where}: ${name} has no label ${label}`);
        }
      }
    }, 10_000);
  });

  it("is told of in docs/operations.md, name by name", async () => {
    await client.create(machines, machine(namespace, "a", "Always"));
    const life = new MachineLife(client, namespace);
    await life.runs();
    await life.shows("Running");
    const text = await readFile(join(repoRoot, "docs/operations.md"), "utf8");
    const section = text.slice(text.indexOf("\n## Metrics"), text.indexOf("**Alerts**"));
    const documented = [...section.matchAll(/`([a-z]+_[a-z_]+)`/g)].map(([, name = ""]) => name);
    await eventually(async () => {
      const told = await controller.get("/metrics");
      const families = [...told.matchAll(/^# TYPE (\S+) /gm)].map(([, name = ""]) => name);
      // Those of prom-client itself, of any program.
      const own = families.filter((name) => !/^(process|nodejs)_/.test(name));
      assert.deepEqual(documented.toSorted(), own.toSorted());
      const rows = [...section.matchAll(/^\| `(nestlet_\w+)` +\| (.*?) +\|/gm)];
      assert.equal(rows.length, own.filter((name) => name.startsWith("nestlet_")).length);
      for (const [, name = "", labels = ""] of rows) {
        const sample = new RegExp(`^${name}(?:_count)?\\{([^}]*)\\}`, "m").exec(told)?.[1] ?? "";
        const used = [...sample.matchAll(/(\w+)="/g)].map(([, label = ""]) => label);
        assert.deepEqual(
          used.toSorted(),
          [...labels.matchAll(/\w+/g)].map(([label]) => label).toSorted(),
          name,
        );
      }
      const steps = [...told.matchAll(/^nestlet_vmi_start_seconds_count\{step="(\w+)"\}/gm)];
      assert.ok(steps.length > 1);
      for (const [, step = ""] of steps) assert.match(section, new RegExp(`\`${step}\``));
    }, 10_000);
  });

  it("finds a name that the controller does not tell", () => {
    assert.deepEqual(metricsIn('sum by (le) (rate(nestlet_no_such_bucket{a="b"}[5m])) > max(up_now)'), [
      "nestlet_no_such_bucket",
      "up_now",
    ]);
    assert.deepEqual(labelsIn('a_b{c="d", e=~"f"}'), [
      ["a_b", "c"],
      ["a_b", "e"],
    ]);
  });

  it("comes with the chart where it is asked for", async () => {
    const [rule] = await renderChart("prometheusrule.yaml", "prometheusRule.enabled=true");
    const { groups } = (rule as unknown as { spec: { groups: AlertGroup[] } }).spec;
    for (const { alert, expr, annotations, ...rest } of groups.flatMap(({ rules }) => rules)) {
      assert.match(expr, /namespace="nestlet-system"/, alert);
      assert.ok(annotations["summary"] !== undefined && annotations["description"] !== undefined, alert);
      assert.ok(rest.for !== "" && "severity" in rest.labels, alert);
    }
    const [dashboard] = await renderChart("dashboard.yaml", "grafanaDashboard.enabled=true");
    const { data } = dashboard as unknown as { data: Record<string, string> };
    assert.equal((JSON.parse(data["nestlet.json"] ?? "") as { title: string }).title, "Nestlet");
    assert.equal(dashboard?.metadata.labels?.["grafana_dashboard"], "1");
  });
});
