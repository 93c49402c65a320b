import { Reader } from "./follow.ts";
import { followedGuides, runOf } from "./guides.ts";

/** One test a guide whose blocks are run by this suite. */
export async function guidesSuite(
  title: string,
  kind: Exclude<ReturnType<typeof runOf>, "none">,
  guideMs: number,
): Promise<void> {
  const guides = (await followedGuides()).filter((guide) => runOf(guide) === kind);

  describe(title, function () {
    this.timeout(guideMs + 180_000);
    let reader: Reader;
    before(async () => {
      reader = await Reader.create();
    });
    after(async () => reader.remove());

    for (const guide of guides) it(guide.path, async () => reader.follow(guide, guideMs));
  });
}
