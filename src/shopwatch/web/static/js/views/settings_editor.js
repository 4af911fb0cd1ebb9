// @ts-check
/** Both files as text: comments stay, secrets stay masked, problems are shown at their line. */

import { ApiError, api } from "../api.js";
import { h, replace } from "../dom.js";
import { action, badge } from "../parts.js";
import { previewDialog } from "./settings_preview.js";

/** @param {any} config @param {() => Promise<any>} saved */
export function editor(config, saved) {
  const names = Object.keys(config.texts);
  const pick = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "File" }, names.map((name) => h("option", { value: name }, name))));
  const remembered = sessionStorage.getItem("file");
  if (remembered && names.includes(remembered)) pick.value = remembered;
  const area = /** @type {HTMLTextAreaElement} */ (h("textarea.yaml", { spellcheck: false, "aria-label": "Text of the file", wrap: "off" }));
  const problems = h("div", { role: "status" });
  const fill = () => {
    sessionStorage.setItem("file", pick.value);
    area.value = config.texts[pick.value];
    replace(problems, area.value.trim() ? null : h("p.small.quiet-text", "This file does not exist yet: saving makes it."));
  };
  pick.addEventListener("change", fill);
  fill();

  const body = () => ({ file: pick.value, text: area.value, expected: config.fingerprints[pick.value] });
  const guarded = async (/** @type {() => Promise<string | void>} */ work) => {
    replace(problems);
    area.classList.remove("invalid");
    try {
      return await work();
    } catch (error) {
      told(error);
      throw error;
    }
  };
  const save = () => guarded(async () => {
    const said = await api.saveConfig(body());
    await saved();
    return said.message;
  });

  /** @param {unknown} error */
  function told(error) {
    if (!(error instanceof ApiError)) return;
    if (error.status === 409) {
      replace(problems, h("div.note", error.message, " ", action("Load the file again", async () => { await saved(); })));
      return;
    }
    area.classList.add("invalid");
    replace(problems, h("ul.problems", error.problems.map((one) => h("li",
      one.line ? h("button.small", { type: "button", onclick: () => mark(one.line ?? 1) }, `Line ${one.line}`) : badge("error", "File"),
      h("span.bad-text", ` ${one.path} ${one.message}`)))));
  }

  /** @param {number} line */
  function mark(line) {
    const lines = area.value.split("\n");
    const begin = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.focus();
    area.setSelectionRange(begin, begin + (lines[line - 1]?.length ?? 0));
    area.scrollTop = Math.max(0, (line - 5) * 19);
  }

  const notes = (config.notes ?? []).map((/** @type {string} */ one) => h("div.note", one));
  const old = config.products_file && config.products_file !== "shopwatch.yaml"
    ? h("div.note", `The watches are read from ${config.products_file}. "shopwatch config migrate" makes shopwatch.yaml of it.`) : null;
  return h("div.card.settings", h("div.row.apart", pick, h("span.small.quiet-text", "“(secret … unchanged)” stands for a secret and keeps it.")), old, notes, area, problems,
    h("div.row.end", action("Preview", () => guarded(() => previewDialog(body(), save))), action("Save", save, { kind: "primary" })));
}
