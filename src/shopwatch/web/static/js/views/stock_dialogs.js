// @ts-check
/** Adding by a pasted address, with a look at what is behind it; lists in and out. */

import { ApiError, api } from "../api.js";
import { h, replace } from "../dom.js";
import { availability, money, retailerName } from "../format.js";
import { action, badge, dialog } from "../parts.js";
import { collect, field, showProblems } from "./form.js";
import { WATCH_FIELDS } from "./watch_fields.js";

/** @param {() => Promise<void>} added */
export function addDialog(added) {
  const address = /** @type {HTMLInputElement} */ (h("input.grow", { type: "text", placeholder: "https://www.target.com/p/…/A-89542109", "aria-label": "Address of the product page, or its SKU" }));
  const result = h("div");
  const look = action("Look", async () => {
    replace(result, h("p.quiet-text", "Looking…"));
    try {
      replace(result, ...found(await api.previewWatch(address.value.trim())));
    } catch (error) {
      replace(result);
      throw error;
    }
  }, { kind: "primary" });
  let close = () => {};
  dialog("Add a product", (shut) => {
    close = shut;
    const form = h("form.row", address, look);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      look.click();
    });
    return [h("p.quiet-text", "Paste the address of a product page of Target, Best Buy or Walmart, or a SKU."), form, result];
  }, { wide: true });
  address.focus();
  address.addEventListener("paste", () => setTimeout(() => look.click()));

  /** @param {any} seen */
  function found(seen) {
    const form = h("form.fields", WATCH_FIELDS.map((one) => field("products", one, one.name === "name" ? "" : undefined)));
    form.addEventListener("submit", (event) => event.preventDefault());
    const picked = variants(seen);
    const save = async () => {
      const settings = Object.fromEntries(Object.entries(collect(form)).filter(([, value]) => value !== null && value !== ""));
      const skus = picked.skus();
      if (!skus.length) throw new ApiError(0, "Choose a variant");
      try {
        const watches = skus.map((sku) => ({ ...settings, url_or_sku: `${seen.retailer}:${sku}` }));
        await api.addWatch(watches.length === 1 ? watches[0] : { watches });
      } catch (error) {
        showProblems(form, error);
        throw error;
      }
      close();
      await added();
      return skus.length === 1 ? `Watching ${seen.title || seen.sku}` : `Watching ${skus.length} variants`;
    };
    return [
      h("div.row.preview",
        h("div.grow", h("h3", seen.title || `${retailerName(seen.retailer)} ${seen.sku}`), h("div.quiet-text", `${retailerName(seen.retailer)} ${seen.sku}`)),
        h("div.price", money(seen.price)),
        seen.availability ? badge(seen.availability, availability(seen.availability)) : badge("unknown", "Not read"),
      ),
      seen.reason && h("p.small.quiet-text", seen.reason),
      (seen.street_date || seen.purchase_limit) && h("p.small", [
        seen.street_date && `Released on ${seen.street_date}`, seen.purchase_limit && `${seen.purchase_limit} a shopper`,
      ].filter(Boolean).join(" · ")),
      seen.problems.map((/** @type {string} */ one) => h("div.note", one)),
      seen.watched_already && h("div.note", "This product is watched already."),
      picked.root,
      h("details", { open: true }, h("summary", "Settings"), form),
      h("div.row.end", h("button", { type: "button", onclick: () => close() }, "Cancel"), seen.watched_already && !seen.variants.length ? null : action("Watch it", save, { kind: "primary" })),
    ];
  }
}

/** The variants of a parent, which cannot be ordered itself. @param {any} seen */
function variants(seen) {
  if (!seen.is_parent || !seen.variants.length) return { root: null, skus: () => [seen.sku] };
  const boxes = seen.variants.map(([sku, name]) => /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", value: sku, "aria-label": name })));
  const root = h("fieldset.variants", h("legend", "This page has variants: choose those to watch"),
    seen.variants.map(([sku, name], index) => h("label.check", boxes[index], name || sku, h("span.quiet-text.small", sku))));
  return { root, skus: () => boxes.filter((/** @type {HTMLInputElement} */ one) => one.checked).map((/** @type {HTMLInputElement} */ one) => one.value) };
}

/** @param {() => Promise<void>} added */
export function importDialog(added) {
  const text = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: 7, "aria-label": "The list", placeholder: "One address or SKU a line; or CSV with a header, YAML, JSON" }));
  const file = /** @type {HTMLInputElement} */ (h("input", { type: "file", accept: ".csv,.tsv,.yaml,.yml,.json,.zip,.env,.txt", "aria-label": "File" }));
  const over = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
  const result = h("div");
  let close = () => {};
  /** @param {boolean} preview */
  async function run(preview) {
    const said = await api.importWatches({ ...(await content(text, file)), replace: over.checked, preview });
    replace(result,
      h("p", preview ? `${number(said.added)} would be added` : `${number(said.added)} added`),
      said.names.length ? h("p.small.quiet-text", said.names.slice(0, 12).join(", "), said.names.length > 12 ? " …" : "") : null,
      said.not_carried.length ? h("details", { open: true }, h("summary", `Not carried: ${said.not_carried.length}`), h("ul", said.not_carried.map((/** @type {string} */ one) => h("li.small", one)))) : null,
    );
    if (!preview) {
      await added();
      if (!said.not_carried.length) close();
      return `${number(said.added)} added`;
    }
  }
  dialog("Import a list", (shut) => {
    close = shut;
    return [
      h("p.quiet-text", "Understood: this program's own lists, ultra_fast_config.json and product_config.json, CSV, a changedetection.io backup, a streetmerchant dotenv file."),
      text, file, h("label.check", over, "Overwrite products that are watched already"), result,
      h("div.row.end", action("Look first", () => run(true)), action("Import", () => run(false), { kind: "primary" })),
    ];
  }, { wide: true });
}

/** @param {number} products */
function number(products) {
  return products === 1 ? "1 product" : `${products} products`;
}

/** @param {HTMLTextAreaElement} text @param {HTMLInputElement} file */
async function content(text, file) {
  const chosen = file.files?.[0];
  if (!chosen) return { text: text.value };
  const bytes = new Uint8Array(await chosen.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32_768) binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return { content: btoa(binary), name: chosen.name };
}

export function exportDialog() {
  dialog("Export the watch list", (close) => [
    h("p.quiet-text", "Each form can be imported again."),
    h("div.row", ["csv", "yaml", "json"].map((format) =>
      h("a.button", { href: `/api/watches/export?format=${format}`, download: `watches.${format}`, onclick: () => setTimeout(close) }, format.toUpperCase()))),
  ]);
}

