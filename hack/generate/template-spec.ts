import { isMap, parse, parseDocument } from "yaml";

const specPath = ["schema", "openAPIV3Schema", "properties", "spec"];
const templatePath = [...specPath, "properties", "template", "properties", "spec"];

/**
 * The CRD of VirtualMachine with the instance's spec as its template's spec: one hand-written source, two schemas.
 * Comments and layout of the rest stay.
 * @param machineCrd text of crds/virtualmachine.yaml
 * @param instanceCrd text of crds/virtualmachineinstance.yaml
 * @throws Error when one of the two has no schema where it belongs
 */
export function withTemplateSpec(machineCrd: string, instanceCrd: string): string {
  const instance = parse(instanceCrd) as { spec: { versions: Record<string, unknown>[] } };
  const spec = specPath.reduce<unknown>(
    (node, key) => (node as Record<string, unknown> | undefined)?.[key],
    instance.spec.versions[0],
  );
  if (spec === undefined) throw new Error("crds/virtualmachineinstance.yaml: the schema has no spec");
  const machine = parseDocument(machineCrd);
  const path = ["spec", "versions", 0, ...templatePath];
  if (!isMap(machine.getIn(path))) {
    throw new Error("crds/virtualmachine.yaml: the schema has no spec.template.spec to fill");
  }
  // Emptied first, so that the names of YAML anchors do not depend on what was there.
  machine.setIn(path, machine.createNode({}));
  machine.setIn(path, machine.createNode(spec));
  return machine.toString({ lineWidth: 0, flowCollectionPadding: true });
}
