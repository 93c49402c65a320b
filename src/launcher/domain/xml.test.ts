import assert from "node:assert/strict";
import { renderXml, xml } from "./xml.ts";

describe("renderXml", () => {
  it("indents elements and keeps text in its line", () => {
    const element = xml("a", { b: 1 }, xml("c", {}, "text"), xml("d", { e: undefined }));
    assert.equal(renderXml(element), '<a b="1">\n  <c>text</c>\n  <d/>\n</a>\n');
  });
  it("escapes what would be markup", () => {
    const hostile = `"><x a='&'/>`;
    assert.equal(
      renderXml(xml("a", { b: hostile }, hostile)),
      '<a b="&quot;&gt;&lt;x a=&apos;&amp;&apos;/&gt;">&quot;&gt;&lt;x a=&apos;&amp;&apos;/&gt;</a>\n',
    );
  });
});
