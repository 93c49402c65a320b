import assert from "node:assert/strict";
import { Lookup } from "./lookup.ts";

describe("a lookup", () => {
  let lookup: Lookup<string[]>;

  beforeEach(() => {
    lookup = new Lookup((object) => object);
  });

  it("finds each object by all of its values, and nothing by others", () => {
    lookup.change("a", undefined, ["x", "y"]);
    lookup.change("b", undefined, ["y"]);
    lookup.change("c", undefined, []);
    assert.deepEqual(lookup.get("x"), [["x", "y"]]);
    assert.deepEqual(lookup.get("y"), [["x", "y"], ["y"]]);
    assert.deepEqual(lookup.get("z"), []);
  });

  it("follows an object from value to value, and to its end", () => {
    lookup.change("a", undefined, ["x"]);
    lookup.change("a", ["x"], ["y"]);
    assert.deepEqual([lookup.get("x"), lookup.get("y")], [[], [["y"]]]);
    lookup.change("a", ["y"], undefined);
    assert.deepEqual(lookup.get("y"), []);
  });

  it("keeps an object that changes in its place", () => {
    lookup.change("a", undefined, ["x"]);
    lookup.change("b", undefined, ["x"]);
    lookup.change("a", ["x"], ["x", "y"]);
    assert.deepEqual(lookup.get("x"), [["x", "y"], ["x"]]);
  });
});
