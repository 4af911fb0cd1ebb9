// @ts-check
/** Numbers, times and words as people read them. Pure: no DOM, no clock of its own. */

/**
 * A duration in at most two units: "42 s", "3 min 5 s", "1 h 0 min", "2 d 3 h".
 * @param {number | null | undefined} seconds
 */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/**
 * How long ago, or how soon: "12 s ago", "in 3 min 5 s", "now".
 * @param {string | null | undefined} iso
 * @param {number} now milliseconds since 1970
 */
export function relative(iso, now) {
  if (!iso) return "–";
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return "–";
  if (Math.abs(seconds) < 1) return "now";
  return seconds > 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

/**
 * A whole number with separators, or a dash.
 * @param {number | null | undefined} value
 */
export function count(value) {
  return value === null || value === undefined ? "–" : Math.round(value).toLocaleString("en-US");
}

/**
 * Dollars: "$1,299.99", or a dash.
 * @param {number | null | undefined} dollars
 */
export function money(dollars) {
  if (dollars === null || dollars === undefined) return "–";
  return dollars.toLocaleString("en-US", { style: "currency", currency: "USD" });
}

/**
 * "68.4 %", whole numbers without a fraction.
 * @param {number | null | undefined} value 0 to 100
 */
export function percent(value) {
  if (value === null || value === undefined) return "–";
  return `${Number.isInteger(value) ? value : value.toFixed(1)} %`;
}

/** @type {Record<string, string>} */
const AVAILABILITY = {
  in_stock: "In stock",
  limited: "Limited",
  preorder: "Pre-order",
  out_of_stock: "Out of stock",
  unknown: "Unknown",
};

/** @param {string | null | undefined} word */
export function availability(word) {
  return AVAILABILITY[word ?? "unknown"] ?? sentence(word ?? "unknown");
}

/** @type {Record<string, string>} */
const RETAILERS = { att: "AT&T", bestbuy: "Best Buy", target: "Target", tmobile: "T-Mobile", verizon: "Verizon", walmart: "Walmart" };

/** @param {string} id */
export function retailerName(id) {
  return RETAILERS[id] ?? sentence(id);
}

/**
 * A word of ours for people: "not_understood" → "Not understood".
 * @param {string} word
 */
export function sentence(word) {
  const text = word.replaceAll("_", " ").replace(/\burls\b/, "URLs");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * Local date and time, to the minute, and where that is: "Jan 17, 2026, 4:45 AM EST".
 * @param {string | null | undefined} iso
 */
export function moment(iso) {
  if (!iso) return "–";
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "–";
  return at.toLocaleString("en-US", { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" });
}

/**
 * Local time to the second, and where that is.
 * @param {number} at milliseconds since 1970
 */
export function clock(at) {
  return new Date(at).toLocaleTimeString("en-US", { timeZoneName: "short" });
}

/** The zone of the times on this page. */
export function zone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * The word for so many: `plural(1, "store")`, `plural(2, "store")`.
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export function plural(number, one, many = `${one}s`) {
  return number === 1 ? one : many;
}

/**
 * Bytes as "12 KB".
 * @param {number} bytes
 */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
