// Where charts begin; and how fields of a form are read and written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { began } from "../../../src/shopwatch/web/static/js/charts.js";

test("a chart begins where something is known, not at an empty month before", () => {
  const to = 2_000_000;
  assert.equal(began([[to - 1000, 5]], [], to - 86_400, to), to - 1040);
  assert.equal(began([], [[to - 2000, "unknown"], [to - 500, "in_stock"]], to - 86_400, to), to - 520);
});

test("a chart never begins before what was asked for", () => {
  assert.equal(began([[0, 5]], [], 1000, 2000), 1000);
  assert.equal(began([], [], 1000, 2000), 1000);
});
