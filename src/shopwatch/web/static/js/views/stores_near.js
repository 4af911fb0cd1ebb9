// @ts-check
/** Which stores are near a ZIP code, of all retailers together. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { retailerName } from "../format.js";
import { action, badge, empty, listing } from "../parts.js";

const SHOWN = 40;

export function nearby() {
  const zip = /** @type {HTMLInputElement} */ (h("input", { type: "text", inputMode: "numeric", autocomplete: "postal-code", maxLength: 10, placeholder: "ZIP code", "aria-label": "ZIP code", value: localStorage.getItem("zip") ?? "" }));
  const miles = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Miles" }, [5, 15, 30, 60].map((one) => h("option", { value: one, selected: one === 15 }, `${one} miles`))));
  const result = h("div", { role: "status" });
  const find = action("Find", async () => {
    const found = await api.near({ zip: zip.value.trim(), miles: miles.value });
    localStorage.setItem("zip", zip.value.trim());
    replace(result, found.stores.length ? table(found.stores) : empty(`No store of a published set within ${miles.value} miles.`));
  });
  const form = h("form.row", zip, miles, find);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    find.click();
  });
  return h("section.card", h("div.row.apart", h("h2", "Stores near"), form), result);
}

/** @param {any[]} stores */
function table(stores) {
  const rest = stores.length - SHOWN;
  return [listing(["Miles#", "Retailer", "Store", "Address", "Hours", ""], h("tbody", stores.slice(0, SHOWN).map((one) => h("tr",
      h("td.number", one.miles.toFixed(1)),
      h("td", retailerName(one.retailer)),
      h("td", one.name || one.ref),
      h("td", [...(one.address ?? []), one.city, one.state, one.postcode].filter(Boolean).join(", ")),
      h("td.small", one.hours ?? ""),
      h("td", one.status && !["open", "unknown"].includes(one.status) ? badge(one.status) : null),
    )))), rest > 0 ? h("p.small.quiet-text", `and ${rest} more`) : null];
}
