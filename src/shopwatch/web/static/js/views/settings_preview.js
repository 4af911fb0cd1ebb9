// @ts-check
/** What a change would mean, before it is saved: settings that differ, and the requests they imply. */

import { api } from "../api.js";
import { h } from "../dom.js";
import { count, retailerName } from "../format.js";
import { action, badge, dialog, empty, listing } from "../parts.js";

/**
 * @param {object} body
 * @param {(() => Promise<string | void>) | null} save
 */
export async function previewDialog(body, save) {
  const said = await api.previewConfig(body);
  dialog("What would change", (close) => [
    differenceTable(said.differences),
    said.rates.length ? listing(["Retailer", "Products#", "Requests a second#", "Allowed#", "Intervals"], h("tbody", said.rates.map((/** @type {any} */ rate) => h("tr",
        h("td", retailerName(rate.retailer)), h("td.number", count(rate.watches)), h("td.number", rate.requests_per_second.toFixed(3)), h("td.number", rate.peak_per_second === null ? rate.allowed_per_second : `${rate.allowed_per_second}, up to ${rate.peak_per_second}`),
        h("td", rate.stretch > 1.001 ? badge("warning", `${rate.stretch.toFixed(1)} × longer than asked`) : "as asked"))))) : null,
    h("div.row.end", h("button", { type: "button", onclick: close }, "Back"),
      save && action("Save", async () => { const text = await save(); close(); return text; }, { kind: "primary" })),
  ], { wide: true });
}

/** @param {{ path: string, before: any, after: any }[]} differences */
export function differenceTable(differences) {
  if (!differences.length) return empty("Nothing differs.");
  return listing(["Setting", "Before", "After"], h("tbody", differences.map((one) => h("tr", h("td.mono.small.wrap", one.path), h("td.wrap", shown(one.before)), h("td.wrap", shown(one.after))))));
}

/** @param {any} value */
function shown(value) {
  if (value === null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}
