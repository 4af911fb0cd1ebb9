// @ts-check
/** The settings of one retailer, all of them, as a dialog on its card. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { action, dialog, empty } from "../parts.js";
import { collect, field, showProblems } from "./form.js";

/** @typedef {import("./form.js").Field} Field */
/** What a part writes into: the section itself, or one below it. @type {{ title: string, under?: string, fields: Field[] }[]} */
const PARTS = [
  { title: "Crawl", fields: [
    { name: "enabled", kind: "check", label: "Crawl this retailer" },
    { name: "schedule", kind: "words", label: "Schedule (cron, UTC)", hint: "0 4 * * * is every day at 04:00" },
    { name: "min_delay", kind: "number", label: "Shortest wait between two requests", unit: "s" },
    { name: "max_delay", kind: "number", label: "Longest wait", unit: "s" },
    { name: "workers", kind: "number", label: "Requests in flight", step: 1 },
    { name: "timeout", kind: "number", label: "Time-out", unit: "s" },
    { name: "max_retries", kind: "number", label: "Retries of a page", step: 1 },
    { name: "proxy_mode", kind: "choice", label: "Proxy", choices: ["", "direct", "residential", "web_scraper_api"] },
    { name: "obey_robots", kind: "choice", label: "robots.txt", choices: ["", "true", "false"], hint: "Empty: obeyed" },
    { name: "mode", kind: "choice", label: "How stores are found", choices: ["", "html_crawl", "sitemap"], otherwise: "as the site has it" },
    { name: "user_agents", kind: "lines", label: "User agents, one a line", rows: 2, hint: "Empty: as in defaults" },
  ] },
  { title: "Publishing", fields: [
    { name: "gate_max_loss_percent", kind: "number", label: "Stores a run may lose", unit: "%", hint: "Empty: 2" },
    { name: "gate_max_field_loss_percent", kind: "number", label: "Stores that may lose a field", unit: "%", hint: "Empty: 10" },
  ] },
  { title: "Stock", fields: [
    { name: "stock_requests_per_second", kind: "number", label: "Requests a second, over a day" },
    { name: "stock_peak_requests_per_second", kind: "number", label: "At most in busy minutes", unit: "a second", hint: "Empty: the same rate all day" },
    { name: "stock_in_flight", kind: "number", step: 1, label: "Checks under way at once" },
    { name: "stock_min_interval", kind: "number", label: "Shortest time between two looks at a product", unit: "s" },
  ] },
  { title: "Where prices and pickup are asked for", under: "location", fields: [
    { name: "store_id", kind: "words", label: "Store number" },
    { name: "zip", kind: "words", label: "ZIP code" },
    { name: "state", kind: "words", label: "State", hint: "Two letters" },
    { name: "latitude", kind: "number", label: "Latitude" },
    { name: "longitude", kind: "number", label: "Longitude" },
  ] },
  { title: "Addresses", fields: [
    { name: "base_url", kind: "text", label: "Pages", hint: "Empty: the real site" },
    { name: "api_url", kind: "text", label: "Stock API" },
    { name: "carts_url", kind: "text", label: "Cart" },
    { name: "account_url", kind: "text", label: "Account" },
    { name: "keys", kind: "pairs", rows: 2, label: "Web keys, one a line", hint: "api: ${BESTBUY_API_KEY} reads the environment; what is saved is shown masked" },
  ] },
];

/** @param {string} id @param {string} name */
export function retailerSettings(id, name) {
  const body = h("div", "Loading…");
  dialog(`Settings of ${name}`, (close) => {
    fill(close).catch((error) => replace(body, empty(error.message)));
    return body;
  }, { wide: true });

  /** @param {() => void} close */
  async function fill(close) {
    const config = await api.config();
    const section = config.retailers[id] ?? {};
    const forms = PARTS.map((part) => form(id, part, part.under ? section[part.under] ?? {} : section, config.defaults));
    const root = h("div.settings", forms.map((one, index) => h("section", h("h3", PARTS[index].title), one)));
    const save = async () => {
      const next = structuredClone(config.retailers);
      next[id] = merged(section, forms);
      try {
        await api.saveConfig({
          file: "retailers.yaml",
          document: { proxy: config.proxy, defaults: config.defaults, retailers: next },
          expected: config.fingerprints["retailers.yaml"],
        });
      } catch (error) {
        showProblems(root, error);
        throw error;
      }
      close();
      return `${name}: saved, the file before is kept as a backup`;
    };
    replace(body, root, h("div.row.end", h("button", { type: "button", onclick: close }, "Cancel"), action("Save", save, { kind: "primary" })));
  }
}

/** @param {string} id @param {typeof PARTS[number]} part @param {any} values @param {any} defaults */
function form(id, part, values, defaults) {
  const path = ["retailers", id, part.under].filter(Boolean).join(".");
  const box = h("form.fields", part.fields.map((one) => field(path, one, values[one.name], part.under ? undefined : defaults[one.name])));
  box.addEventListener("submit", (event) => event.preventDefault());
  return box;
}

/** The section with what the forms say; what is empty is left out. @param {any} section @param {HTMLElement[]} forms */
function merged(section, forms) {
  const next = structuredClone(section);
  forms.forEach((one, index) => {
    const { under } = PARTS[index];
    const place = under ? (next[under] ??= {}) : next;
    for (const [key, value] of Object.entries(collect(one))) {
      if (value === null || (Array.isArray(value) && !value.length)) delete place[key];
      else place[key] = value;
    }
    if (under && !Object.keys(place).length) delete next[under];
  });
  return next;
}
