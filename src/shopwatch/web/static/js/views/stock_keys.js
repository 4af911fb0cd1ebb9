// @ts-check
/** The list by keyboard: / searches, j and k move, x selects, Enter opens. */

/**
 * @param {{ search: HTMLInputElement, body: HTMLElement, select: (key: string) => void }} parts
 * @param {AbortSignal} signal
 */
export function shortcuts({ search, body, select }, signal) {
  const rows = () => /** @type {HTMLElement[]} */ ([...body.children]);
  const current = () => /** @type {HTMLElement | null} */ (document.activeElement?.closest("tr[data-key]") ?? null);

  /** @param {number} by */
  function move(by) {
    const all = rows();
    const row = current();
    const at = row ? all.indexOf(row) : -1;
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (target === search && event.key === "Escape") {
      search.blur();
      return;
    }
    if (target.matches("input:not([type=checkbox]), select, textarea")) return;
    const row = current();
    if (event.key === "/") search.focus();
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "x" && row) select(row.dataset.key ?? "");
    else if (event.key === "Enter" && row && target === row) row.querySelector("a")?.click();
    else return;
    event.preventDefault();
  }, { signal });
}
