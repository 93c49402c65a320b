import { guidesSuite } from "../support/guides/guides-suite.ts";

await guidesSuite("the guides that boot guests, followed step by step", "long", 60 * 60_000);
