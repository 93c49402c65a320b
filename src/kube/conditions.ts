/** A condition as in the Kubernetes API conventions (metav1.Condition). */
export interface Condition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

/** What is true now, before it is known since when. */
export type ConditionState = Pick<Condition, "type" | "status" | "reason" | "message">;

/**
 * The conditions of a status: each keeps its time while its status stays the same. Those of `previous` that are not
 * among `states` are dropped.
 * @param now RFC 3339
 */
export function updateConditions(
  previous: readonly Condition[] | undefined,
  states: readonly ConditionState[],
  generation: number | undefined,
  now: string,
): Condition[] {
  return states.map((state) => {
    const before = previous?.find(({ type }) => type === state.type);
    const lastTransitionTime = before?.status === state.status ? before.lastTransitionTime : now;
    const observed = generation === undefined ? {} : { observedGeneration: generation };
    return { ...state, lastTransitionTime, ...observed };
  });
}
