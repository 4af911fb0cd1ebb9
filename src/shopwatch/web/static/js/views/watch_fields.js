// @ts-check
/** The settings of a watch as fields. */

/** @type {import("./form.js").Field[]} */
export const WATCH_FIELDS = [
  { name: "name", kind: "text", label: "Name", hint: "Empty: the site's title" },
  { name: "max_price", kind: "number", label: "Highest price", unit: "$", hint: "No alert and no purchase above it" },
  { name: "check_frequency", kind: "number", label: "Longest time between two checks", unit: "s", hint: "Empty: 30" },
  { name: "priority", kind: "choice", label: "Priority", choices: ["", "critical", "high", "normal", "low"], otherwise: "normal" },
  { name: "tags", kind: "list", label: "Tags", hint: "Separated by commas" },
  { name: "channels", kind: "list", label: "Ways to get it", hint: "shipping, pickup, in_store" },
  { name: "below_price", kind: "number", label: "Tell me when the price is at or below", unit: "$" },
  { name: "price_drop_percent", kind: "number", label: "Tell me when the price falls by", unit: "%" },
  { name: "group", kind: "text", label: "Group", hint: "Products that stand in for each other when buying" },
  { name: "quantity", kind: "number", label: "Pieces to buy", step: 1, hint: "Empty: 1" },
  { name: "third_party_sellers", kind: "check", label: "Other sellers count as in stock", unset: false },
  { name: "auto_purchase", kind: "check", label: "May be bought, within the limits of Safety", unset: false },
  { name: "snoozed_until", kind: "snooze", label: "No alerts for a while" },
  { name: "muted", kind: "check", label: "No alerts at all", unset: false },
];
