/** How guests are reached: over the pod network, through a relay pod, or by what works. */
export type Via = "auto" | "direct" | "relay";

export const VIAS: readonly Via[] = ["auto", "direct", "relay"];
