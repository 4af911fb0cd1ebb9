// @ts-check
/** Parts that several views share: toasts, dialogs, badges, buttons that say what they are doing. */

import { ApiError } from "./api.js";
import { h, replace } from "./dom.js";
import { moment, relative, sentence } from "./format.js";

const SHOWN_MS = 6_000;
const MOST_TOASTS = 5;
/** A button that is really disabled would lose the focus. */
const BUSY = ["aria-busy", "aria-disabled"];

/**
 * @param {string} text
 * @param {"info" | "good" | "bad"} [kind]
 * @param {string} [href] where it leads
 * @param {() => Promise<string | void>} [undo] takes it back
 */
export function toast(text, kind = "info", href = "", undo = undefined) {
  const box = /** @type {HTMLElement} */ (document.getElementById("toasts"));
  const close = () => item.remove();
  const item = h(
    "div.toast",
    { dataset: { kind }, role: kind === "bad" ? "alert" : "status" },
    href ? h("a", { href, onclick: close }, text) : h("span", text),
    undo && action("Undo", () => undo().finally(close), { kind: "small" }),
    h("button.quiet", { type: "button", onclick: close, "aria-label": "Dismiss" }, "×"),
  );
  for (const old of box.children) if (old.querySelector(":is(a, span)")?.textContent === text) old.remove(); // said again, not twice
  while (box.childElementCount >= MOST_TOASTS) box.firstElementChild?.remove();
  box.append(item);
  setTimeout(close, kind === "bad" || undo ? SHOWN_MS * 2 : SHOWN_MS);
}

/** @param {unknown} error */
export function complain(error) {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (!(error instanceof ApiError)) {
    toast(error instanceof Error ? error.message : String(error), "bad");
    console.error(error);
    return;
  }
  toast(error.errors.length > 1 ? error.errors.join("; ") : error.message, "bad");
}

/**
 * A button that is busy while its work is under way and says how it ended.
 * @param {string} text
 * @param {() => Promise<string | void>} work answers with a sentence for a toast
 * @param {{ kind?: string, title?: string, label?: string }} [options]
 */
export function action(text, work, { kind = "", title = "", label = "" } = {}) {
  const button = /** @type {HTMLButtonElement} */ (
    h(kind ? `button.${kind}` : "button", { type: "button", title, "aria-label": label || undefined }, text)
  );
  button.addEventListener("click", async () => {
    if (button.hasAttribute("aria-busy")) return;
    for (const name of BUSY) button.setAttribute(name, "true");
    try {
      const said = await work();
      if (said) toast(said, "good");
    } catch (error) {
      complain(error);
    } finally {
      for (const name of BUSY) button.removeAttribute(name);
    }
  });
  return button;
}

/**
 * How long ago, or how soon: the page tells it anew each second.
 * @param {string | null | undefined} iso
 */
export function since(iso) {
  return iso ? h("time", { dateTime: iso, title: moment(iso) }, relative(iso, Date.now())) : "–";
}

/**
 * A word in the colour of its state; the colour is the stylesheet's business.
 * @param {string} word
 * @param {string} [text]
 */
export function badge(word, text) {
  return h("span.badge", { dataset: { state: word } }, text ?? sentence(word));
}

/**
 * A modal dialog; closes on Escape, gives the focus back.
 * @param {string} title
 * @param {(close: () => void) => import("./dom.js").Child} content
 * @param {{ wide?: boolean, onclose?: () => void }} [options]
 */
export function dialog(title, content, { wide = false, onclose } = {}) {
  const box = /** @type {HTMLDialogElement} */ (h(wide ? "dialog.wide" : "dialog", { "aria-label": title }));
  const close = () => box.close();
  replace(
    box,
    h(
      "header",
      h("h2", title),
      h("button.quiet", { type: "button", onclick: close, "aria-label": "Close" }, "×"),
    ),
    h("div.body", content(close)),
  );
  box.addEventListener("close", () => {
    box.remove();
    onclose?.();
  });
  box.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target === box || target.closest('a[href^="#"]')) close(); // a way to where one is already, too
  });
  document.body.append(box);
  box.showModal();
  return close;
}

/**
 * Ask before something that cannot be taken back.
 * @param {string} question
 * @param {string} yes
 * @returns {Promise<boolean>}
 */
export function confirmed(question, yes) {
  return new Promise((resolve) => {
    let answer = false;
    dialog(
      "Are you sure?",
      (close) => [
        h("p", question),
        h(
          "div.row.end",
          h("button", { type: "button", onclick: close }, "Cancel"),
          h("button.danger", { type: "button", onclick: () => ((answer = true), close()) }, yes),
        ),
      ],
      { onclose: () => resolve(answer) },
    );
  });
}

/**
 * The head of a table; a name with # stands over numbers, and a column of buttons has a name for those who cannot see it.
 * @param {string[]} names
 */
function columns(names) {
  const cell = (/** @type {string} */ name) => h(name.endsWith("#") ? "th.number" : "th", { scope: "col" }, name.replace(/#$/, "") || h("span.sr-only", "Actions"));
  return h("thead", h("tr", names.map(cell)));
}

/**
 * A table whose rows are cards on a phone, so each cell carries the name of its column, also in rows that come later.
 * @param {string[]} names as for `columns`  @param {HTMLTableSectionElement} body
 */
export function listing(names, body) {
  const label = () => {
    for (const row of body.rows) {
      for (const cell of row.cells) cell.dataset.label = names[cell.cellIndex]?.replace(/#$/, "") ?? "";
    }
  };
  new MutationObserver(label).observe(body, { childList: true });
  label();
  return h("div.scroll", h("table.listing", columns(names), body));
}

/** What is shown until the first answer is here; an empty card would look as if there were nothing. */
export function loading() {
  return h("p.loading.quiet-text", { role: "status" }, "Loading…");
}

/**
 * Cards of figures that are still to come. @param {number} count
 */
export function waitingFigures(count) {
  return Array.from({ length: count }, () => h("div.card.figure.loading", { "aria-hidden": "true" }, h("div.value"), h("div.name")));
}

/**
 * What is shown where there is nothing to show: says what to do.
 * @param {string} text
 * @param {...import("./dom.js").Child} more
 */
export function empty(text, ...more) {
  return h("div.empty", h("p", text), ...more);
}
