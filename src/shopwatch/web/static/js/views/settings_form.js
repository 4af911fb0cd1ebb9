// @ts-check
/** One tab of settings: its parts as forms, saved into the file each belongs to. */

import { api } from "../api.js";
import { h } from "../dom.js";
import { action } from "../parts.js";
import { collect, field, showProblems } from "./form.js";
import { previewDialog } from "./settings_preview.js";

/** @typedef {import("./settings_fields.js").Part} Part */

/**
 * @param {{ name: string, parts: Part[] }} tab
 * @param {any} config
 * @param {() => Promise<any>} saved
 */
export function formTab(tab, config, saved) {
  const file = tab.parts[0].file;
  const forms = tab.parts.map((part) => ({ part, form: form(part, config) }));
  const root = h("div.card.settings");

  const body = () => {
    const document = whole(config, file);
    for (const { part, form } of forms) put(document, part, collect(form));
    return { file, document, expected: config.fingerprints[file] };
  };
  const guarded = async (/** @type {() => Promise<string | void>} */ work) => {
    showProblems(root, null);
    try {
      return await work();
    } catch (error) {
      showProblems(root, error);
      throw error;
    }
  };
  const save = () => guarded(async () => {
    const said = await api.saveConfig(body());
    await saved();
    return said.backup_file ? `Saved; the file before is kept as ${said.backup_file.split("/").at(-1)}` : "Saved";
  });
  root.append(
    ...forms.map(({ part, form }) => h("div", h("h2", part.title), part.about && h("p.quiet-text.small", part.about), form)),
    h("div.row.end", action("Preview", () => guarded(() => previewDialog(body(), save))), action("Save", save, { kind: "primary" })),
  );
  return root;
}

/** @param {Part} part @param {any} config */
function form(part, config) {
  const section = part.path.split(".").reduce((found, step) => found?.[step], documentOf(config, part.file)) ?? {};
  const box = h("form.fields", part.fields.map((one) => field(part.path, one, section[one.name])));
  box.addEventListener("submit", (event) => event.preventDefault());
  return box;
}

/** @param {any} config @param {string} file */
function documentOf(config, file) {
  return file === "shopwatch.yaml" ? config.shopwatch : config;
}

/** @param {any} config @param {string} file @returns {any} */
function whole(config, file) {
  if (file === "shopwatch.yaml") return structuredClone(config.shopwatch);
  return structuredClone({ proxy: config.proxy, defaults: config.defaults, retailers: config.retailers });
}

/** Put a form's values where they belong; what is as by default is left out. @param {any} document @param {Part} part @param {Record<string, any>} values */
function put(document, part, values) {
  const steps = part.path.split(".");
  const last = /** @type {string} */ (steps.pop());
  let place = document;
  for (const step of steps) place = place[step] ??= {};
  const section = { ...(place[last] ?? {}) };
  for (const one of part.fields) {
    const value = values[one.name];
    const isDefault = value === null || (Array.isArray(value) && !value.length) || (one.kind === "check" && value === one.unset && !(one.name in section));
    if (isDefault) delete section[one.name];
    else section[one.name] = value;
  }
  if (Object.keys(section).length) place[last] = section;
  else delete place[last];
}
