// @ts-check
/** The settings of one retailer, as a dialog on its card. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { action, dialog, empty } from "../parts.js";
import { collect, field, showProblems } from "./form.js";

const FIELDS = [
  { name: "enabled", kind: "check", label: "Crawl this retailer" },
  { name: "base_url", kind: "text", label: "Address of the site", hint: "Empty: the real one" },
  { name: "min_delay", kind: "number", label: "Shortest wait between two requests", unit: "s" },
  { name: "max_delay", kind: "number", label: "Longest wait", unit: "s" },
  { name: "workers", kind: "number", label: "Requests in flight", step: 1 },
  { name: "timeout", kind: "number", label: "Time-out", unit: "s" },
  { name: "max_retries", kind: "number", label: "Retries of a page", step: 1 },
  { name: "proxy_mode", kind: "choice", label: "Proxy", choices: ["", "direct", "residential", "web_scraper_api"] },
  { name: "schedule", kind: "text", label: "Schedule (cron, UTC)", hint: "0 4 * * * is every day at 04:00" },
  { name: "obey_robots", kind: "choice", label: "robots.txt", choices: ["", "true", "false"], hint: "Empty: obeyed" },
  { name: "gate_max_loss_percent", kind: "number", label: "Stores a run may lose", unit: "%" },
  { name: "gate_max_field_loss_percent", kind: "number", label: "Stores that may lose a field", unit: "%" },
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
    const form = h("form.fields", FIELDS.map((one) => field(`retailers.${id}`, one, section[one.name], config.defaults[one.name])));
    form.addEventListener("submit", (event) => event.preventDefault());
    const save = async () => {
      const next = structuredClone(config.retailers);
      next[id] = { ...section, ...collect(form) };
      for (const [key, value] of Object.entries(next[id])) if (value === null) delete next[id][key];
      try {
        await api.saveConfig({
          file: "retailers.yaml",
          document: { proxy: config.proxy, defaults: config.defaults, retailers: next },
          expected: config.fingerprints["retailers.yaml"],
        });
      } catch (error) {
        showProblems(form, error);
        throw error;
      }
      close();
      return `${name}: saved, the file before is kept as a backup`;
    };
    replace(body, form, h("div.row.end", h("button", { type: "button", onclick: close }, "Cancel"), action("Save", save, { kind: "primary" })));
  }
}

