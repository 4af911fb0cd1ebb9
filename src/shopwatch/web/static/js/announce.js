// @ts-check
/** Toasts for what a person wants to know whatever they look at: restocks, ends of crawls, refusals. */

import { api } from "./api.js";
import { count, money, retailerName } from "./format.js";
import { toast } from "./parts.js";

const GATHER_MS = 1_500;
const MOST = 3;
const ENDS = /** @type {Record<string, (run: any) => [string, "good" | "bad" | "info"]>} */ ({
  complete: (run) => [`${retailerName(run.retailer)}: the crawl is complete${run.stats ? `, ${count(run.stats.stores_scraped)} stores` : ""}`, "good"],
  held: (run) => [`${retailerName(run.retailer)}: the crawl is held back: ${(run.gate_reasons ?? []).join("; ")}`, "bad"],
  failed: (run) => [`${retailerName(run.retailer)}: the crawl failed. ${run.message ?? ""}`, "bad"],
  lost: (run) => [`${retailerName(run.retailer)}: the crawl’s process died; it can be resumed`, "bad"],
  stopped: (run) => [`${retailerName(run.retailer)}: the crawl is stopped; it can be resumed`, "info"],
});

/** @param {import("./live.js").Live} live */
export function announce(live) {
  /** What was told already: two events may speak of one end. @type {Map<string, string>} */
  const told = new Map();
  /** @param {string} kind @param {(data: any) => void} listener */
  const on = (kind, listener) => live.addEventListener(kind, (event) => listener(/** @type {CustomEvent} */ (event).detail));

  /** @type {Map<string, any>} */
  const ends = new Map();
  on("run", (run) => {
    const status = run.status ?? run.state;
    if (!(status in ENDS)) {
      told.delete(run.run_id);
      return;
    }
    if (told.get(run.run_id) === status) return;
    told.set(run.run_id, status);
    ends.set(run.run_id, { ...run, status });
    setTimeout(() => {
      const end = ends.get(run.run_id);
      ends.delete(run.run_id);
      if (end) toast(...ENDS[end.status](end));
    }, 400);
  });
  on("run", (run) => run.stats && ends.has(run.run_id) && ends.set(run.run_id, { ...run, status: run.status ?? run.state }));

  /** @type {any[]} */
  let restocks = [];
  on("stock", (change) => {
    if (!change.restock_id || !change.sku) return;
    if (!restocks.length) setTimeout(tell, GATHER_MS);
    restocks.push(change);
  });
  async function tell() {
    const back = restocks;
    restocks = [];
    if (back.length > MOST) {
      toast(`${back.length} products are back in stock`, "good");
      return;
    }
    const page = await api.watchesByKey(new URLSearchParams(back.map((one) => ["key", `${one.retailer}:${one.sku}`]))).catch(() => null);
    for (const one of page?.watches ?? []) {
      const href = `#/product/${one.retailer}/${encodeURIComponent(one.sku)}`;
      toast(`${one.title} is back${one.state.price === null ? "" : ` for ${money(one.state.price)}`}`, "good", href);
    }
  }

  on("config", ({ ok, errors }) => {
    if (ok === false) toast(`The configuration on disk is not valid, the old one stays: ${(errors ?? []).join("; ")}`, "bad");
  });
  on("health", (one) => {
    if (one.state === "blocked" || one.state === "not_understood") toast(`${retailerName(one.retailer)}: ${one.state.replaceAll("_", " ")}. ${one.reason ?? ""}`, "bad");
  });
}
