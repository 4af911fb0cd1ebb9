// @ts-check
/** Logs: pick a run of any retailer, read its log. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { moment } from "../format.js";
import { complain, empty, loading } from "../parts.js";
import { logPanel } from "./log_panel.js";

/** @param {HTMLElement} root @param {import("../main.js").Context} context */
export async function show(root, { signal, title }) {
  title("Logs");
  const retailer = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Retailer" }));
  const run = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Run" }));
  const panel = h("div", h("div.card", loading()));
  replace(root, h("div.heading", h("h1", "Logs"), h("div.row", retailer, run)), panel);
  let leaving = new AbortController();

  function open() {
    leaving.abort();
    leaving = new AbortController();
    signal.addEventListener("abort", () => leaving.abort());
    if (run.value) replace(panel, logPanel(retailer.value, run.value, leaving.signal).root);
    else replace(panel, h("div.card", empty("This retailer has no run yet.")));
  }

  async function runs() {
    try {
      const page = await api.runs(retailer.value, { limit: 50 });
      replace(run, page.runs.map((/** @type {any} */ one) => h("option", { value: one.run_id }, `${moment(one.started_at)} – ${one.status}`)));
      open();
    } catch (error) {
      complain(error);
    }
  }

  const status = await api.status();
  const all = Object.values(status.retailers);
  replace(retailer, all.map((one) => h("option", { value: one.id }, one.name)));
  const active = all.find((one) => one.current_run) ?? all.find((one) => one.last_run);
  if (active) retailer.value = active.id;
  retailer.addEventListener("change", runs);
  run.addEventListener("change", open);
  await runs();
}
