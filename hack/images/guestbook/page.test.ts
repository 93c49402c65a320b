import assert from "node:assert/strict";
import { EntryError, entryIn, pageOf } from "./page.ts";

describe("the guestbook", () => {
  it("takes an entry out of a form", () => {
    assert.equal(entryIn("entry=+I+was+h%C3%A9re+"), "I was hére");
  });

  for (const [form, message] of [
    ["", /^entry is empty/],
    ["entry=+", /^entry is empty/],
    [`entry=${"a".repeat(281)}`, /^entry has 281 characters; at most 280 fit/],
  ] as const) {
    it(`refuses ${form.slice(0, 20)}`, () => {
      assert.throws(
        () => entryIn(form),
        (error) => error instanceof EntryError && message.test(error.message),
      );
    });
  }

  it("shows entries as text, the newest first", () => {
    const page = pageOf(["first", '<script>"&']);
    assert.match(page, /<li>&lt;script&gt;&quot;&amp;<\/li>\n<li>first<\/li>/);
  });
});
