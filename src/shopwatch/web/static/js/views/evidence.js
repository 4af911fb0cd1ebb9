// @ts-check
/** Why did this fire: what the site said, word for word, and what became of the alert. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { availability, duration, money, moment } from "../format.js";
import { badge, dialog, empty, since } from "../parts.js";

/** @param {number} id */
export function evidenceDialog(id) {
  const body = h("div", "Loading…");
  dialog("Why did this fire?", () => body, { wide: true });
  api.restock(id).then((found) => replace(body, ...content(found))).catch((error) => replace(body, empty(error.message)));
}

/** @param {any} found */
function content(found) {
  const seen = found.observation;
  return [
    h("h3", h("a", { href: `#/product/${found.retailer}/${encodeURIComponent(found.sku)}` }, found.title)),
    h("p", `${moment(found.at)}: ${availability(seen.availability).toLowerCase()}${seen.price === null ? "" : ` at ${money(seen.price)}`}`,
      found.ended_at ? `, for ${duration(found.duration_seconds)}` : ", and it is still there"),
    h("p", "Decided by: ", h("strong", seen.reason || "the site's word")),
    source("What the first look saw", found.evidence),
    h("h3", "Confirmation ", badge(found.confirmation)),
    found.confirmation_evidence ? source("What the second look saw", found.confirmation_evidence) : h("p.quiet-text", "No second look is recorded."),
    h("h3", "Alerts"),
    found.alerts.length ? h("ul", found.alerts.map((/** @type {any} */ one) => h("li", badge(one.state), ` ${one.kind.replaceAll("_", " ")}, `, since(one.created_at), one.last_error && h("span.bad-text", ` ${one.last_error}`))))
      : h("p.quiet-text", "None is recorded."),
  ];
}

/** @param {string} name @param {any} evidence */
function source(name, evidence) {
  if (!evidence) return h("p.quiet-text", `${name}: not recorded.`);
  return h("details", { open: true }, h("summary", name),
    h("p.small.mono.wrap", `${evidence.status} ${evidence.url}`),
    h("pre.evidence", { tabIndex: 0 }, JSON.stringify(evidence.seen, null, 2)));
}
