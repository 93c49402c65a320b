// Builds every program that the tests start and the cache does not hold: the first time takes some twenty minutes, which
// is no test's own. Called by hack/test/main.ts.
import { buildBinaries } from "../lab/binaries.ts";
import { modules } from "../lab/modules.ts";

await buildBinaries(
  (line) => console.log(line),
  modules.flatMap(({ binaries }) => binaries),
);
