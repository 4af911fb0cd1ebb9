// @ts-check
/** Pictures of numbers in SVG: drawn from data, no library, readable without colour. */

import { svg, write } from "./dom.js";
import { availability, money, plural } from "./format.js";

const DAY_S = 86_400;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/**
 * Stores as dots on plain coordinates. The projection keeps shapes at American latitudes.
 * @param {[number, number, string, string][]} points lat, lon, store number, name
 * @param {string} color
 */
export function storeMap(points, color) {
  const [west, east, south, north] = [-125, -66, 24, 50];
  const width = 900;
  const scale = width / (east - west);
  const height = Math.round((north - south) * scale * 1.28);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "map", role: "img", "aria-label": `Map of ${points.length} ${plural(points.length, "store")}` });
  for (const [lat, lon, ref, name] of points) {
    if (lon < west || lon > east || lat < south || lat > north) continue;
    const x = ((lon - west) * scale).toFixed(1);
    const y = ((north - lat) * scale * 1.28).toFixed(1);
    root.append(svg("circle", { cx: x, cy: y, r: 2.4, fill: color }, svg("title", {}, `${name} (${ref})`)));
  }
  return root;
}

/**
 * In and out of stock over time, as a strip.
 * @param {[number, number | null][]} spans seconds since 1970, 1 in stock, 0 out, null unknown
 * @param {number} now seconds since 1970
 */
export function sparkline(spans, now) {
  const width = 90;
  const height = 22;
  const begin = spans.length ? spans[0][0] : now - 1;
  const length = Math.max(1, now - begin);
  const inStock = spans.filter(([, is]) => is === 1).length;
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "spark", role: "img", "aria-label": `In stock ${inStock} ${plural(inStock, "time")} lately` });
  root.append(svg("rect", { x: 0, y: height / 2 - 1, width, height: 2, fill: "var(--line)" }));
  spans.forEach(([at, is], index) => {
    const end = index + 1 < spans.length ? spans[index + 1][0] : now;
    if (is !== 1) return;
    const x = Math.min(width - 1.5, ((at - begin) / length) * width);
    root.append(svg("rect", { x, y: 4, width: Math.max(1.5, ((end - at) / length) * width), height: height - 8, rx: 2, fill: "var(--running)" }));
  });
  return root;
}

/**
 * Price over time as steps, with the times in stock shaded below.
 * @param {{ prices: [number, number][], stock: [number, string][], from: number, to: number }} data seconds, dollars
 */
export function priceChart({ prices, stock, from: wanted, to }) {
  const [width, height, left, bottom] = [820, 220, 58, 44];
  const from = began(prices, stock, wanted, to);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": "Price and stock over time" });
  const values = prices.map(([, price]) => price);
  const low = values.length ? Math.min(...values) : 0;
  const high = values.length ? Math.max(...values) : 1;
  const pad = Math.max((high - low) * 0.15, high * 0.02, 0.5);
  const x = (/** @type {number} */ at) => left + ((at - from) / Math.max(1, to - from)) * (width - left - 8);
  const y = (/** @type {number} */ price) => 10 + ((high + pad - price) / (high - low + 2 * pad)) * (height - bottom - 20);
  for (const price of [low, (low + high) / 2, high]) {
    root.append(svg("line", { x1: left, x2: width - 8, y1: y(price), y2: y(price), stroke: "var(--line)" }));
    root.append(svg("text", { x: left - 6, y: y(price) + 4, "text-anchor": "end" }, money(price)));
    if (low === high) break;
  }
  stock.forEach(([at, word], index) => {
    const end = index + 1 < stock.length ? stock[index + 1][0] : to;
    const isIn = ["in_stock", "limited", "preorder"].includes(word);
    const fill = isIn ? "var(--running)" : word === "unknown" ? "var(--line)" : "none";
    root.append(svg("rect", { x: x(Math.max(at, from)), y: height - bottom + 4, width: Math.max(1, x(end) - x(Math.max(at, from))), height: 12, fill }, svg("title", {}, word.replaceAll("_", " "))));
  });
  let path = "";
  prices.forEach(([at, price], index) => {
    const px = x(Math.max(at, from)).toFixed(1);
    path += index ? `H${px}V${y(price).toFixed(1)}` : `M${px} ${y(price).toFixed(1)}`;
  });
  if (path) root.append(svg("path", { d: `${path}H${width - 8}`, fill: "none", stroke: "var(--accent)", "stroke-width": 2 }));
  for (let step = 0; step <= 4; step += 1) {
    const at = from + ((to - from) * step) / 4;
    const text = to - from < 2 * DAY_S
      ? new Date(at * 1000).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit", second: to - from < 600 ? "2-digit" : undefined })
      : new Date(at * 1000).toLocaleDateString("en-US", { month: "short", day: "numeric" });
    root.append(svg("text", { x: x(at), y: height - 8, "text-anchor": step === 0 ? "start" : step === 4 ? "end" : "middle" }, text));
  }
  pointed(root, { left, right: width - 8, bottom: height - bottom + 16 }, (share) => {
    const at = from + share * (to - from);
    const price = prices.findLast(([since]) => since <= at)?.[1];
    const word = stock.findLast(([since]) => since <= at)?.[1];
    const when = new Date(at * 1000).toLocaleString("en-US", { dateStyle: "medium", timeStyle: "short" });
    return `${when}: ${money(price)}, ${availability(word).toLowerCase()}`;
  });
  return root;
}

/**
 * Where a chart begins: what was before anything was known would be an empty stretch.
 * @param {[number, number][]} prices
 * @param {[number, string][]} stock
 * @param {number} wanted
 * @param {number} to
 */
export function began(prices, stock, wanted, to) {
  const known = [...prices.map(([at]) => at), ...stock.filter(([, word]) => word !== "unknown").map(([at]) => at)];
  if (!known.length) return wanted;
  const first = Math.min(...known);
  return Math.max(wanted, first - (to - first) * 0.04);
}

/**
 * When restocks come: hour by weekday.
 * @param {number[]} bins 168, Monday 00:00 first
 */
export function heatMap(bins) {
  const [cell, left, top] = [24, 40, 18];
  const most = Math.max(1, ...bins);
  const root = svg("svg", { viewBox: `0 0 ${left + 24 * cell} ${top + 8 * cell + 6}`, class: "chart heat", role: "img", "aria-label": "Restocks by hour of week" });
  DAYS.forEach((day, row) => root.append(svg("text", { x: left - 6, y: top + row * cell + 16, "text-anchor": "end" }, day)));
  for (let hour = 0; hour < 24; hour += 3) root.append(svg("text", { x: left + hour * cell + 2, y: 12 }, `${hour}:00`));
  bins.forEach((value, index) => {
    const [row, hour] = [Math.floor(index / 24), index % 24];
    root.append(svg("rect", { x: left + hour * cell, y: top + row * cell, width: cell - 2, height: cell - 2, fill: heat(value, most) },
      svg("title", {}, `${DAYS[row]} ${hour}:00–${hour + 1}:00: ${value} ${plural(value, "restock")}`)));
  });
  const steps = [...new Set([0, 1, Math.ceil(most / 2), most])];
  const y = top + 7 * cell + 8;
  const begin = left + 24 * cell - steps.length * 44 - 76;
  root.append(svg("text", { x: begin, y: y + 14 }, "restocks:"));
  steps.forEach((value, index) => {
    const x = begin + 66 + index * 44;
    root.append(svg("rect", { x, y: y + 2, width: 16, height: 16, fill: heat(value, most) }), svg("text", { x: x + 21, y: y + 14 }, String(value)));
  });
  return root;
}

/** @param {number} value @param {number} most */
function heat(value, most) {
  return value ? `rgb(16 185 129 / ${(0.25 + (0.75 * value) / most).toFixed(2)})` : "var(--pending)";
}

/**
 * How many things a second were done, as steps between the moments they were counted at.
 * @param {[number, number][]} counted seconds since 1970, how many until then
 * @param {string} unit
 */
export function throughput(counted, unit) {
  const [width, height, left] = [820, 120, 58];
  const [from, to] = [counted[0][0], counted[counted.length - 1][0]];
  const rates = counted.slice(1).map(([at, n], index) => ({ begin: counted[index][0], end: at, rate: Math.max(0, n - counted[index][1]) / Math.max(1, at - counted[index][0]) }));
  const high = Math.max(0.1, ...rates.map(({ rate }) => rate));
  const x = (/** @type {number} */ at) => left + ((at - from) / Math.max(1, to - from)) * (width - left - 8);
  const y = (/** @type {number} */ rate) => 10 + (1 - rate / high) * (height - 44);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": `${unit} over time, ${high.toFixed(1)} at most` });
  for (const rate of [0, high / 2, high]) {
    root.append(svg("line", { x1: left, x2: width - 8, y1: y(rate), y2: y(rate), stroke: "var(--line)" }));
    root.append(svg("text", { x: left - 6, y: y(rate) + 4, "text-anchor": "end" }, rate.toFixed(1)));
  }
  const path = rates.map(({ begin, end, rate }, index) => `${index ? "L" : "M"}${x(begin).toFixed(1)} ${y(rate).toFixed(1)}H${x(end).toFixed(1)}`).join("");
  root.append(svg("path", { d: path, fill: "none", stroke: "var(--accent)", "stroke-width": 2 }));
  for (const [at, anchor] of /** @type {[number, string][]} */ ([[from, "start"], [(from + to) / 2, "middle"], [to, "end"]])) {
    root.append(svg("text", { x: x(at), y: height - 8, "text-anchor": anchor }, new Date(at * 1000).toLocaleTimeString("en-US")));
  }
  pointed(root, { left, right: width - 8, bottom: height - 30 }, (share) => {
    const at = from + share * (to - from);
    const one = rates.find(({ end }) => at <= end);
    return one ? `${new Date(at * 1000).toLocaleTimeString("en-US")}: ${one.rate.toFixed(1)} ${unit}` : "";
  });
  return root;
}

/**
 * A line under the pointer, and what holds there.
 * @param {SVGElement} root
 * @param {{ left: number, right: number, bottom: number }} place
 * @param {(share: number) => string} says of the way from left to right
 */
function pointed(root, { left, right, bottom }, says) {
  const line = svg("line", { y1: 4, y2: bottom, stroke: "var(--quiet)", "stroke-dasharray": "3 3" });
  const text = svg("text", { y: 12, class: "pointed" });
  const group = svg("g", { visibility: "hidden", "aria-hidden": "true" }, line, text);
  root.append(group);
  root.addEventListener("pointermove", (event) => {
    const box = root.getBoundingClientRect();
    const width = /** @type {SVGSVGElement} */ (root).viewBox.baseVal.width;
    const x = Math.min(right, Math.max(left, ((event.clientX - box.left) / box.width) * width));
    for (const end of ["x1", "x2"]) line.setAttribute(end, String(x));
    const isLate = x > (left + right) / 2;
    text.setAttribute("x", String(isLate ? x - 6 : x + 6));
    text.setAttribute("text-anchor", isLate ? "end" : "start");
    write(text, says((x - left) / (right - left)));
    group.setAttribute("visibility", "visible");
  });
  root.addEventListener("pointerleave", () => group.setAttribute("visibility", "hidden"));
}
