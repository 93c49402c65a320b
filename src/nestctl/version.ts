import manifest from "../../package.json" with { type: "json" };

/** Nestlet's own; the program, the controller and the chart are released together. */
export const VERSION = manifest.version;
