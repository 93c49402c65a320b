import assert from "node:assert/strict";
import { guestSpec, storedInstance, storedMachine } from "../../../test/support/stored.ts";
import type { VirtualMachineSpec } from "../../api/resources.ts";
import { restartRequired } from "./restart-required.ts";

const labels = { "nestlet.dev/virtual-machine": "a", app: "shop" };
const run = storedInstance({}, { phase: "Running" }, { labels });

const cases: {
  title: string;
  template: Partial<VirtualMachineSpec["template"]>;
  names: string | undefined;
}[] = [
  { title: "the same template", template: {}, names: undefined },
  { title: "a label that it has", template: { metadata: { labels: { app: "shop" } } }, names: undefined },
  {
    title: "a label of the controller's own",
    template: { metadata: { labels: { "nestlet.dev/virtual-machine": "b" } } },
    names: undefined,
  },
  {
    title: "another label",
    template: { metadata: { labels: { app: "store" } } },
    names: "spec.template.metadata.labels.app",
  },
  {
    title: "a new annotation",
    template: { metadata: { annotations: { "example.com/note": "1" } } },
    names: "spec.template.metadata.annotations.example.com/note",
  },
  {
    title: "another amount of memory",
    template: { spec: { ...guestSpec, domain: { ...guestSpec.domain, memory: { guest: "128Mi" } } } },
    names: "spec.template.spec.domain.memory.guest",
  },
  {
    title: "a field that is gone and one that is new",
    template: {
      spec: { domain: guestSpec.domain, startTimeoutSeconds: 300, nodeSelector: { "a/b": "c" } },
    },
    names:
      "spec.template.spec.nodeSelector, spec.template.spec.terminationGracePeriodSeconds, spec.template.spec.volumes",
  },
];

describe("a run whose machine has", () => {
  for (const { title, template, names } of cases) {
    it(`${title} is ${names === undefined ? "up to date" : "to be restarted"}`, () => {
      const machine = storedMachine({
        runStrategy: "Always",
        template: { spec: guestSpec, ...template },
      });
      const condition = restartRequired(machine, run);
      assert.equal(condition?.reason, names === undefined ? undefined : "TemplateChanged");
      if (condition === undefined || names === undefined) return;
      assert.equal(
        condition.message,
        `the present run was made without the change of ${names}; the next run has it`,
      );
    });
  }

  it("many changes names the first five", () => {
    const keys = ["a", "b", "c", "d", "e", "f", "g"];
    const annotations = Object.fromEntries(keys.map((key) => [key, "1"]));
    const template = { spec: guestSpec, metadata: { annotations } };
    const condition = restartRequired(storedMachine({ runStrategy: "Always", template }), run);
    assert.match(condition?.message ?? "", /annotations\.e and 2 more;/);
  });
});
