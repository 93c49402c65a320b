import { followedGuides, runOf } from "../support/guides/guides.ts";
import { Reader } from "../support/guides/follow.ts";

const GUIDE_MS = 60 * 60_000;

const guides = (await followedGuides()).filter((guide) => runOf(guide) === "long");

describe("the guides that boot guests, followed step by step", function () {
  this.timeout(GUIDE_MS + 180_000);
  let reader: Reader;
  before(async () => {
    reader = await Reader.create();
  });
  after(async () => reader.remove());

  for (const guide of guides) it(guide.path, async () => reader.follow(guide, GUIDE_MS));
});
