// @ts-check
/** Form fields of settings: what is empty is left out, and a problem is shown at its field. */

import { ApiError } from "../api.js";
import { h } from "../dom.js";
import { moment, sentence } from "../format.js";
import { ends } from "./snooze.js";

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} kind check, choice, number, text, words (never read as anything else), list, lines, pairs (name: text, one a line), snooze (the moment it ends)
 * @property {string} label
 * @property {string} [hint]
 * @property {string} [unit]
 * @property {number} [step]
 * @property {string[]} [choices]
 * @property {string} [otherwise] what an empty choice means
 * @property {boolean} [unset] what a check means that the file does not mention
 * @property {number} [rows]
 */

/**
 * @param {string} path the section's path in the document
 * @param {Field} one
 * @param {any} value
 * @param {any} [fallback] what holds while the field is empty
 */
export function field(path, one, value, fallback) {
  const dataset = { path: `${path}.${one.name}`, name: one.name, kind: one.kind };
  if (one.kind === "check") {
    return h("label.check.field-check", h("input", { type: "checkbox", checked: value ?? one.unset ?? true, dataset }), one.label);
  }
  const hint = one.hint ?? (fallback !== undefined && fallback !== null ? `Empty: ${fallback}` : "");
  const label = one.unit ? `${one.label} (${one.unit})` : one.label;
  return h(one.kind === "lines" || one.kind === "pairs" ? "label.field.whole" : "label.field", label, control(one, value, dataset), hint && h("span.hint", hint));
}

/** @param {Field} one @param {any} value @param {object} dataset */
function control(one, value, dataset) {
  if (one.kind === "choice") {
    const options = (one.choices ?? []).map((choice) =>
      h("option", { value: choice, selected: String(value ?? "") === choice }, choice ? sentence(choice) : (one.otherwise ? `${sentence(one.otherwise)} (default)` : "As in defaults")));
    return h("select", { dataset }, options);
  }
  if (one.kind === "snooze") {
    const left = value && Date.parse(value) > Date.now() ? [[value, `Until ${moment(value)}`]] : [];
    return h("select", { dataset }, [...left, ["", "No"], ...ends(Date.now())].map(([choice, name]) => h("option", { value: choice }, name)));
  }
  if (one.kind === "lines" || one.kind === "pairs") {
    return h("textarea", { rows: one.rows ?? 3, value: asLines(value), spellcheck: false, dataset });
  }
  const type = one.kind === "number" ? "number" : "text";
  return h("input", { type, step: one.step ?? "any", value: Array.isArray(value) ? value.join(", ") : (value ?? ""), dataset });
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
  // What a number field cannot read must not look like an empty one.
  if (input.validity?.badInput) return "not a number";
  if (text === "") return null;
  switch (input.dataset.kind) {
    case "number": return Number(text);
    case "list": return parts(text, ",");
    case "lines": return parts(text, "\n");
    case "pairs": return Object.fromEntries(parts(text, "\n").map(pair));
    case "words": return text;
    default: return text === "true" || text === "false" ? text === "true" : text;
  }
}

/** "kind: text" of a line; one without a colon stays visible as the problem that it is. @param {string} line @returns {[string, string]} */
function pair(line) {
  const at = line.indexOf(":");
  return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim().replaceAll("\\n", "\n")];
}

/** @param {any} value */
function asLines(value) {
  if (!value) return "";
  if (Array.isArray(value)) return value.join("\n");
  return Object.entries(value).map(([name, one]) => `${name}: ${String(one).replaceAll("\n", "\\n")}`).join("\n");
}

/** @param {string} text @param {string} between */
function parts(text, between) {
  return text.split(between).map((one) => one.trim()).filter(Boolean);
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
    const input = fieldOf(form, problem.path);
    if (!input) continue;
    input.classList.add("invalid");
    input.setAttribute("aria-invalid", "true");
    input.after(h("span.problem.bad-text.small", { role: "alert" }, problem.message));
  }
  /** @type {HTMLElement | null} */ (form.querySelector(".invalid"))?.focus();
}

/** The field of a path, of the section it stands in, or of its last word. @param {HTMLElement} form @param {string} path */
function fieldOf(form, path) {
  const steps = path.split(".");
  for (let length = steps.length; length > 0; length -= 1) {
    const found = form.querySelector(`[data-path="${CSS.escape(steps.slice(0, length).join("."))}"]`);
    if (found) return found;
  }
  return form.querySelector(`[data-name="${CSS.escape(steps.at(-1) ?? "")}"]`);
}
