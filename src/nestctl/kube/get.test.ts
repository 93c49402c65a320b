import assert from "node:assert/strict";
import { renderTables } from "./get.ts";

const table = {
  columnDefinitions: [
    { name: "Name", priority: 0 },
    { name: "Ready", priority: 0 },
    { name: "Next", priority: 1 },
  ],
  rows: [
    { cells: ["web", null, "soon"], object: { metadata: { name: "web", namespace: "prod" } } },
    { cells: ["db", 3, "now"], object: { metadata: { name: "db", namespace: "dev" } } },
  ],
};

describe("renderTables", () => {
  it("shows the columns of everyday", () => {
    assert.equal(renderTables([table], {}), "NAME   READY\nweb\ndb     3\n");
  });
  it("shows all of them when wide", () => {
    assert.match(renderTables([table], { output: "wide" }), /^NAME {3}READY {3}NEXT\nweb {12}soon\n/);
  });
  it("names kinds and namespaces where they differ, and leaves out heads", () => {
    const text = renderTables([table], { prefix: "vm/", allNamespaces: true, headers: false });
    assert.equal(text, "prod        vm/web\ndev         vm/db    3\n");
  });
  it("is nothing without rows", () => {
    assert.equal(renderTables([{ ...table, rows: null }], {}), "");
    assert.equal(renderTables([], {}), "");
  });
});
