/** A reason why the guest cannot start, in words for its owner: what was found where, and the remedy. */
export class StartError extends Error {}
