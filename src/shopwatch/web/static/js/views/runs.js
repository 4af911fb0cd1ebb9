// @ts-check
/** The history of a retailer's runs: state, duration, stores; loaded a page at a time. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { count, duration, moment } from "../format.js";
import { badge, complain, empty, listing, loading } from "../parts.js";

/**
 * @param {string} retailer
 * @returns {HTMLElement}
 */
export function runTable(retailer) {
  const body = h("tbody");
  const more = h("div.row.end", loading());
  const root = h(
    "div",
    listing(["Run", "State", "Started", "Took", "Stores#", "Requests#", "Errors#", ""], body),
    more,
  );

  /** @param {string | null} before */
  async function load(before) {
    try {
      const page = await api.runs(retailer, { limit: 15, before });
      if (!before && !page.runs.length) replace(root, empty("No run yet. Start one on its card."));
      body.append(...page.runs.map(line));
      replace(more, page.next && h("button", { type: "button", onclick: () => load(page.next) }, "Older runs"));
    } catch (error) {
      complain(error);
    }
  }
  load(null);
  return root;
}

/** @param {any} run */
function line(run) {
  const reason = run.gate_reasons.join("; ") || run.message;
  return h(
    "tr",
    h("td.mono.small", h("a", { href: `#/run/${run.retailer}/${run.run_id}` }, run.run_id)),
    h("td", badge(run.status), reason && h("div.small.quiet-text", reason)),
    h("td.nowrap", moment(run.started_at)),
    h("td.nowrap", duration(run.stats.duration_seconds)),
    h("td.number", count(run.stats.stores_scraped)),
    h("td.number", count(run.stats.requests_made)),
    h("td.number", count(run.stats.errors)),
    h("td", h("a", { href: `#/run/${run.retailer}/${run.run_id}` }, "Log")),
  );
}
