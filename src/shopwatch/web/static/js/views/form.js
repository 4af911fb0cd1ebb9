// @ts-check
/** Form fields of settings: what is empty is left out, and a problem is shown at its field. */

import { ApiError } from "../api.js";
import { h } from "../dom.js";
import { sentence } from "../format.js";

/** @typedef {{ name: string, kind: string, label: string, hint?: string, unit?: string, step?: number, choices?: string[] }} Field */

/**
 * @param {string} path the section's path in the document
 * @param {Field} one
 * @param {any} value
 * @param {any} [fallback] what holds while the field is empty
 */
export function field(path, one, value, fallback) {
  const name = one.name;
  const dataset = { path: `${path}.${name}`, name, kind: one.kind };
  const hint = one.hint ?? (fallback !== undefined && fallback !== null ? `Empty: ${fallback}` : "");
  if (one.kind === "check") {
    return h("label.check.field-check", h("input", { type: "checkbox", checked: value ?? true, dataset }), one.label);
  }
  const label = one.unit ? `${one.label} (${one.unit})` : one.label;
  if (one.kind === "choice") {
    const options = (one.choices ?? []).map((choice) =>
      h("option", { value: choice, selected: String(value ?? "") === choice }, choice ? sentence(choice) : "as in defaults"));
    return h("label.field", label, h("select", { dataset }, options), hint && h("span.hint", hint));
  }
  const type = one.kind === "number" ? "number" : "text";
  const shown = Array.isArray(value) ? value.join(", ") : (value ?? "");
  return h("label.field", label, h("input", { type, step: one.step ?? "any", value: shown, dataset }), hint && h("span.hint", hint));
}

/**
 * The values of a form's fields; an empty one is null.
 * @param {HTMLElement} form
 * @returns {Record<string, any>}
 */
export function collect(form) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const element of form.querySelectorAll("[data-name]")) {
    const input = /** @type {HTMLInputElement} */ (element);
    values[String(input.dataset.name)] = read(input);
  }
  return values;
}

/** @param {HTMLInputElement} input */
function read(input) {
  if (input.type === "checkbox") return input.checked;
  const text = input.value.trim();
  if (text === "") return null;
  if (input.dataset.kind === "number") return Number(text);
  if (input.dataset.kind === "list") return text.split(",").map((one) => one.trim()).filter(Boolean);
  if (text === "true" || text === "false") return text === "true";
  return text;
}

/**
 * Mark the fields that the server's problems name.
 * @param {HTMLElement} form
 * @param {unknown} error
 */
export function showProblems(form, error) {
  for (const old of form.querySelectorAll(".problem")) old.remove();
  for (const marked of form.querySelectorAll(".invalid")) {
    marked.classList.remove("invalid");
    marked.removeAttribute("aria-invalid");
  }
  if (!(error instanceof ApiError)) return;
  for (const problem of error.problems) {
    const input = form.querySelector(`[data-path="${CSS.escape(problem.path)}"]`);
    if (!input) continue;
    input.classList.add("invalid");
    input.setAttribute("aria-invalid", "true");
    input.after(h("span.problem.bad-text.small", problem.message));
  }
}
