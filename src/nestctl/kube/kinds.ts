import { coreOSClusters, virtualMachineInstances, virtualMachines } from "../../api/resources.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import { usageError } from "../frame/cli-error.ts";

/** A kind by the words for it on a command line. */
export interface Kind {
  resource: Resource<KubeObject>;
  /** As in `kubectl get -o name`: `virtualmachine.nestlet.dev`. */
  singular: string;
  words: readonly string[];
}

const KINDS: readonly Kind[] = [
  { resource: virtualMachines, singular: "virtualmachine", words: ["vm", "vms", "virtualmachines"] },
  {
    resource: virtualMachineInstances,
    singular: "virtualmachineinstance",
    words: ["vmi", "vmis", "virtualmachineinstances"],
  },
  {
    resource: coreOSClusters,
    singular: "coreoscluster",
    words: ["cluster", "clusters", "coc", "coreosclusters"],
  },
];

/** @throws CliError for a word that names no kind */
export function kindsOf(word: string): readonly Kind[] {
  if (word === "all") return KINDS;
  const [plain = ""] = word.toLowerCase().split(".");
  const found = KINDS.find(({ singular, words }) => singular === plain || words.includes(plain));
  if (found !== undefined) return [found];
  throw usageError(`there is no kind "${word}"`, "use vm, vmi, cluster or all");
}

export function oneKind(word: string): Kind {
  const [kind, another] = kindsOf(word);
  if (kind !== undefined && another === undefined) return kind;
  throw usageError(`"${word}" stands for several kinds`, "use vm, vmi or cluster");
}

/**
 * A kind and names out of `KIND NAME…`, `KIND/NAME…` or, where one kind is meant, `NAME…`.
 * @throws CliError for a mixture
 */
export function targetsOf(words: readonly string[], fallback = "all"): { kind: string; names: string[] } {
  const [first, ...rest] = words;
  if (first === undefined) return { kind: fallback, names: [] };
  if (!first.includes("/")) return { kind: first, names: rest };
  const pairs = words.map((word) => word.split("/"));
  const kind = pairs[0]?.[0] ?? "";
  const names = pairs.map(([of, name]) => {
    if (of === kind && name !== undefined && name !== "") return name;
    throw usageError(`"${words.join(" ")}" mixes ways to name objects`, "write KIND NAME… or KIND/NAME…");
  });
  return { kind, names };
}
