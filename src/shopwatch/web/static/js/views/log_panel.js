// @ts-check
/** A run's log: filtered by level, searched over the whole file, followed while it is written. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { complain, loading } from "../parts.js";

const FOLLOW_MS = 1_500;
const LINES_KEPT = 4_000;

/**
 * @param {string} retailer
 * @param {string} id
 * @param {AbortSignal} signal
 */
export function logPanel(retailer, id, signal) {
  const level = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Level" },
    ["info", "warning", "error", "debug"].map((one) => h("option", { value: one }, one === "debug" ? "everything" : `${one} and worse`))));
  const search = /** @type {HTMLInputElement} */ (h("input", { type: "search", placeholder: "Search the whole log", "aria-label": "Search" }));
  const follow = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", checked: true }));
  const box = h("div.log", { tabIndex: 0, role: "log", "aria-label": "Log" });
  const first = h("button.small", { type: "button" }, "First error");
  const root = h("section.card",
    h("div.row", h("h2.grow", "Log"), level, search, first, h("label.check", follow, "Follow")),
    h("div", { style: { height: "8px" } }),
    box,
  );
  const waiting = loading();
  const none = h("span.none", "No line fits.");
  box.append(waiting);
  let offset = 0;
  let isRunning = true;
  let busy = false;
  let asked = 0;
  /** @type {number | null} */
  let errorAt = null;

  async function more() {
    if (!busy) await read(() => false);
  }

  /** Only the last that asked is heard: what was on its way belongs to another filter. @param {() => boolean} enough */
  async function read(enough) {
    const turn = ++asked;
    busy = true;
    try {
      let part;
      do {
        part = await api.log(retailer, id, { level: level.value, search: search.value, offset, limit: 1000 }, signal);
        if (turn !== asked) return;
        offset = part.next_offset;
        errorAt = part.first_error_offset;
        add(part.lines);
      } while (!part.at_end && !signal.aborted && !enough());
      /** @type {HTMLButtonElement} */ (first).disabled = errorAt === null;
    } catch (error) {
      complain(error);
    } finally {
      if (turn === asked) busy = false;
    }
  }

  /** @param {any[]} lines */
  function add(lines) {
    waiting.remove();
    if (lines.length) none.remove();
    const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 40;
    box.append(...lines.map((line) => h("span.line", { dataset: { level: line.level, offset: line.offset } },
      `${line.at} ${line.level.padEnd(7)} ${line.event} ${line.text}`)));
    while (box.childElementCount > LINES_KEPT) box.firstElementChild?.remove();
    if (follow.checked && atEnd) box.scrollTop = box.scrollHeight;
    if (!box.childElementCount) replace(box, none);
  }

  async function anew(enough = () => false) {
    replace(box, waiting);
    offset = 0;
    await read(enough);
  }

  first.addEventListener("click", async () => {
    level.value = "info";
    search.value = "";
    follow.checked = false;
    const found = () => box.querySelector(`[data-offset="${errorAt}"]`);
    await anew(() => found() !== null); // of what comes after it, no more than the box holds
    const line = found();
    line?.classList.add("marked");
    line?.scrollIntoView({ block: "center" });
  });
  level.addEventListener("change", () => anew());
  let due = 0;
  search.addEventListener("input", () => {
    clearTimeout(due);
    due = window.setTimeout(anew, 250);
  });
  const timer = setInterval(() => isRunning && follow.checked && !document.hidden && more(), FOLLOW_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  more();
  return {
    root,
    /** @param {boolean} is */
    running(is) {
      if (isRunning && !is) more();
      isRunning = is;
    },
  };
}
