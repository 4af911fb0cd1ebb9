// Numbers, times and words as people read them; and which state a row shows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { availability, count, duration, moment, money, percent, plural, relative, retailerName, sentence, size } from "../../../src/shopwatch/web/static/js/format.js";
import { ends } from "../../../src/shopwatch/web/static/js/views/snooze.js";
import { isSnoozed, keyOf, wordOf } from "../../../src/shopwatch/web/static/js/views/stock_row.js";

test("a duration has at most two units", () => {
  const said = [0, 59.4, 59.6, 60, 185, 3600, 3661, 86400, 98_000, -5].map(duration);
  assert.deepEqual(said, ["0 s", "59 s", "1 min 0 s", "1 min 0 s", "3 min 5 s", "1 h 0 min", "1 h 1 min", "1 d 0 h", "1 d 3 h", "0 s"]);
});

test("what is not known is a dash, never a zero", () => {
  for (const say of [duration, count, money, percent]) assert.deepEqual([null, undefined].map(say), ["–", "–"]);
  assert.equal(duration(Number.NaN), "–");
  assert.equal(relative(null, 0), "–");
  assert.equal(relative("nonsense", 0), "–");
});

test("times are told from now", () => {
  const now = Date.parse("2026-01-17T12:00:00Z");
  assert.equal(relative("2026-01-17T11:59:48Z", now), "12 s ago");
  assert.equal(relative("2026-01-17T12:03:05Z", now), "in 3 min 5 s");
  assert.equal(relative("2026-01-17T12:00:00.400Z", now), "now");
});

test("a moment says in which zone it is told", () => {
  assert.match(moment("2026-01-17T12:00:00Z"), /^Jan 1[678], 2026, \d+:\d\d [AP]M \S+$/);
  assert.equal(moment(null), "–");
});

test("one is not many", () => {
  assert.deepEqual([plural(1, "store"), plural(0, "store"), plural(2, "it is", "they are")], ["store", "stores", "they are"]);
});

test("a snooze ends so many hours from now, and is over then", () => {
  const now = Date.parse("2026-01-17T12:00:00.250Z");
  assert.deepEqual(ends(now).slice(0, 2), [["2026-01-17T13:00:00Z", "For 1 hour"], ["2026-01-17T20:00:00Z", "For 8 hours"]]);
  const is = (snoozed_until) => isSnoozed({ snoozed_until }, now);
  assert.deepEqual([is(null), is("2026-01-17T12:00:00Z"), is("2026-01-17T12:00:01Z")], [false, false, true]);
});

test("money, counts, shares and sizes", () => {
  assert.deepEqual([money(1299.99), money(0), count(24_928), percent(68.4), percent(100)], ["$1,299.99", "$0.00", "24,928", "68.4 %", "100 %"]);
  assert.deepEqual([size(999), size(12_345), size(1_500_000)], ["999 B", "12 KB", "1.5 MB"]);
});

test("our words become people's", () => {
  assert.deepEqual([sentence("not_understood"), availability("out_of_stock"), availability(null), retailerName("bestbuy"), retailerName("other")],
    ["Not understood", "Out of stock", "Unknown", "Best Buy", "Other"]);
});

const watch = (more, state) => ({
  retailer: "target", sku: "1", enabled: true, channels: ["pickup", "shipping"],
  state: { availability: "unknown", pickup: "unknown", in_store: "unknown", ...state }, ...more,
});

test("a row shows the best way to get the product", () => {
  assert.equal(wordOf(watch({}, { availability: "out_of_stock", pickup: "in_stock" })), "in_stock");
  assert.equal(wordOf(watch({}, { availability: "preorder", pickup: "limited" })), "limited");
  assert.equal(wordOf(watch({}, { availability: "out_of_stock" })), "out_of_stock");
});

test("unknown is never shown as out of stock, and a way nobody asked for does not count", () => {
  assert.equal(wordOf(watch({}, {})), "unknown");
  assert.equal(wordOf(watch({ channels: ["shipping"] }, { pickup: "in_stock" })), "unknown");
  assert.equal(wordOf(watch({ enabled: false }, { availability: "in_stock" })), "paused");
  assert.equal(keyOf(watch({}, {})), "target:1");
});
