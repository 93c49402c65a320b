import type { VirtualMachineInstance } from "../../api/resources.ts";
import { Lookup } from "../../kube/lookup.ts";
import type { Draft, Pod } from "../../kube/object.ts";
import type { Store } from "../../kube/store.ts";
import { claimUsesOf } from "../launcher-pod/claims.ts";

/** Launcher pods by the claims that they use: those that the store holds, and those that it does not hold yet. */
export class ClaimUsers {
  readonly #held: Pick<Lookup<Pod>, "get">;
  readonly #unseen = new Map<string, Draft<Pod>>();
  readonly #unseenByClaim = new Lookup(claimsOf);

  constructor(pods: Store<Pod>) {
    this.#held = pods.lookup(claimsOf);
  }

  /** The pods that use any of the instance's claims, its own among them. */
  of({ metadata, spec }: VirtualMachineInstance): Draft<Pod>[] {
    const claims = new Set(claimUsesOf(spec).map(({ claimName }) => `${metadata.namespace}/${claimName}`));
    return [...claims].flatMap((claim) => [...this.#held.get(claim), ...this.#unseenByClaim.get(claim)]);
  }

  /** A pod is about to be created for the instance of this key. */
  expect(key: string, pod: Draft<Pod>): void {
    this.#unseenByClaim.change(key, this.#unseen.get(key), pod);
    this.#unseen.set(key, pod);
  }

  /** The pod is in the store by now, or is not to be expected any more. */
  forget(key: string): void {
    this.#unseenByClaim.change(key, this.#unseen.get(key), undefined);
    this.#unseen.delete(key);
  }
}

/** `namespace/name` of each claim that the pod uses. */
function claimsOf({ metadata, spec }: Draft<Pod>): string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim === undefined ? [] : [`${metadata.namespace}/${claim.claimName}`],
  );
}
