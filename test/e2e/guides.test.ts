import { guidesSuite } from "../support/guides/guides-suite.ts";

await guidesSuite("the guides that boot no guest, followed step by step", "end to end", 10 * 60_000);
