// @ts-check
/** Stock: everything that is watched, as it stands this second. */

import { api } from "../api.js";
import { h, reconcile, replace, write } from "../dom.js";
import { availability, count, retailerName } from "../format.js";
import { complain, empty, loading, toast } from "../parts.js";
import { addDialog, exportDialog, importDialog } from "./stock_dialogs.js";
import { keyOf, stockRow } from "./stock_row.js";
import { selection } from "./stock_selection.js";
import { shortcuts } from "./stock_keys.js";

const PAGE = 50;
const REORDER_MS = 3_000;
const SORTS = { state: "What can be had first", name: "Name", price: "Price", restock: "Last restock", next: "Next check", priority: "Priority", retailer: "Retailer" };
const COLUMNS = ["Product", "State", "Price", "Last 7 days", "Next check", "Last restock", "Priority"];

/** How many rows there were when the list was left. */
let rowsLeft = PAGE;

/** @param {HTMLElement} root @param {import("../main.js").Context} context */
export async function show(root, { live, signal, title, isBack }) {
  title("Stock");
  const query = remembered();
  /** @type {Map<string, ReturnType<typeof stockRow>>} */
  const rows = new Map();
  /** @type {string | null} */
  let cursor = null;
  let asked = 0;
  /** What the rows on the screen show; the server then tells only what changed since. */
  let edition = "";

  const chips = h("div.chips", { role: "group", "aria-label": "Filter by state" });
  const search = /** @type {HTMLInputElement} */ (h("input", { type: "search", placeholder: "Search (press /)", "aria-label": "Search", value: query.search }));
  const retailer = picker("Retailer", (value) => choose({ retailer: value }));
  const tag = picker("Tag", (value) => choose({ tag: value }));
  const sort = picker("Sort", (value) => choose({ sort: value }));
  const all = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", "aria-label": "Select all shown" }));
  const body = h("tbody");
  const foot = h("div.row.end.foot", loading());
  const table = h("div.scroll", h("table.stock", h("thead", h("tr", h("th.pick", all), COLUMNS.map((name) => h("th", name)), h("th", h("span.sr-only", "Check")))), body));
  table.hidden = true;
  const card = h("section.card", table, foot);
  const chosen = selection({ rows: () => rows, changed: reload, all });
  const actions = { select: chosen.select, change, check };
  replace(
    root,
    h("div.heading", h("h1", "Stock"), h("div.row",
      h("button.primary", { type: "button", onclick: () => addDialog(reload) }, "Add product"),
      h("button", { type: "button", onclick: () => importDialog(reload) }, "Import"),
      h("button", { type: "button", onclick: exportDialog }, "Export"),
    )),
    chips,
    h("div.toolbar", search, retailer.root, tag.root, sort.root),
    chosen.bar,
    card,
  );
  sort.fill(Object.entries(SORTS), query.sort, null);

  /** @param {Partial<typeof query>} change */
  function choose(change) {
    Object.assign(query, change);
    sessionStorage.setItem("stock", JSON.stringify(query));
    reload();
  }

  /** @param {number} [limit] */
  async function reload(limit = Math.max(PAGE, Math.min(1000, rows.size))) {
    const turn = ++asked;
    try {
      const page = await api.watches({ ...query, limit });
      if (turn !== asked || signal.aborted) return;
      edition = page.edition;
      reconcile(body, page.watches, keyOf, (one) => stockRow(one, actions), rows);
      for (const row of rows.values()) visible.observe(row.root);
      told(page);
    } catch (error) {
      complain(error);
    }
  }

  async function more() {
    if (!cursor) return;
    const from = cursor;
    cursor = null;
    try {
      const page = await api.watches({ ...query, limit: PAGE, cursor: from });
      for (const one of page.watches) {
        if (rows.has(keyOf(one))) continue;
        const row = stockRow(one, actions);
        row.update(one);
        rows.set(keyOf(one), row);
        body.append(row.root);
        visible.observe(row.root);
      }
      told(page);
    } catch (error) {
      complain(error);
    }
  }

  /** @param {any} page */
  function told(page) {
    cursor = page.next;
    figures(page);
    retailer.fill(page.retailers.map((/** @type {string} */ one) => [one, retailerName(one)]), query.retailer, "All retailers");
    tag.fill(page.tags.map((/** @type {string} */ one) => [one, one]), query.tag, "All tags");
    table.hidden = rows.size === 0;
    replace(foot, ...footer(page));
    chosen.drawn();
  }

  /** @param {any} page */
  function figures(page) {
    const total = Object.values(page.counts).reduce((sum, n) => sum + n, 0);
    const entries = [["", "All", total], ...Object.entries(page.counts).map(([word, n]) => [word, word === "paused" ? "Paused" : availability(word), n])];
    const known = chips.children.length === entries.length;
    entries.forEach(([word, text, n], index) => {
      const chip = known ? chips.children[index] : chips.appendChild(h("button.chip", { type: "button", dataset: { state: word }, onclick: () => choose({ state: word }) }));
      chip.setAttribute("aria-pressed", String(query.state === word));
      write(chip, `${text} ${count(n)}`);
    });
  }

  /** @param {any} page */
  function footer(page) {
    if (page.all === 0) {
      return [empty("Nothing is watched yet. Paste the address of a product page of Target, Best Buy or Walmart.",
        h("div.row", h("button.primary", { type: "button", onclick: () => addDialog(reload) }, "Add product"), h("button", { type: "button", onclick: () => importDialog(reload) }, "Import a list")))];
    }
    if (!rows.size) return [empty("No watch fits this search.", h("button", { type: "button", onclick: () => { search.value = ""; choose({ search: "", tag: "", state: "", retailer: "" }); } }, "Show all"))];
    const shown = h("span.small.quiet-text", `${count(rows.size)} of ${count(page.total)} shown`);
    return cursor ? [shown, h("button.small", { type: "button", onclick: more }, "Show more")] : [shown];
  }

  /** @param {string} key @param {object} settings */
  async function change(key, settings) {
    const row = rows.get(key);
    if (!row) return;
    try {
      row.update(await api.changeWatch(row.watch.retailer, row.watch.sku, settings));
      toast(`${row.watch.title}: saved`, "good");
    } catch (error) {
      complain(error);
      row.update({ ...row.watch });
    }
  }

  /** @param {string} key */
  async function check(key) {
    const row = rows.get(key);
    if (!row) return;
    row.root.classList.add("busy");
    try {
      const { observation: seen, duration_ms } = await api.checkNow(row.watch.retailer, row.watch.sku);
      toast(`${row.watch.title}: ${availability(seen.availability).toLowerCase()}${seen.price_text ? `, ${seen.price_text}` : ""} (${Math.round(duration_ms)} ms). ${seen.reason}`, "good");
    } catch (error) {
      complain(error);
    } finally {
      row.root.classList.remove("busy");
    }
  }

  /** Rows on the screen: only these are worth a look every few seconds. @type {Set<string>} */
  const onScreen = new Set();
  /** Those that came into view: what changed before is not known of them. @type {Set<string>} */
  const come = new Set();
  const visible = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const key = /** @type {HTMLElement} */ (target).dataset.key ?? "";
      if (!isIntersecting) onScreen.delete(key);
      else if (!onScreen.has(key)) {
        onScreen.add(key);
        come.add(key);
      }
    }
  });
  const end = new IntersectionObserver((entries) => entries[0].isIntersecting && more(), { rootMargin: "400px" });
  end.observe(foot);

  /** @type {Set<string>} */
  const changed = new Set();
  async function look() {
    const keys = [...new Set([...changed, ...onScreen])].filter((key) => rows.has(key)).slice(0, 200);
    const moved = changed.size > 0;
    const isWhole = moved || come.size > 0;
    changed.clear();
    come.clear();
    if (!keys.length || document.hidden) return;
    const words = new URLSearchParams(keys.map((key) => ["key", key]));
    for (const name of /** @type {const} */ (["search", "tag", "retailer"])) if (query[name]) words.set(name, query[name]);
    words.set("limit", "1000");
    if (!isWhole) words.set("since", edition);
    try {
      const page = await api.watchesByKey(words);
      edition = page.edition;
      for (const one of page.watches) rows.get(keyOf(one))?.update(one);
      figures(page);
    } catch {
      return; // the header says that the server is away
    }
    // Rows change places only while nobody points at them.
    if (moved) reorder ||= window.setTimeout(() => { reorder = 0; if (!table.matches(":hover, :focus-within") && !chosen.size()) reload(); }, REORDER_MS);
  }
  let due = 0;
  let reorder = 0;
  live.on("stock", (change) => {
    changed.add(`${change.retailer}:${change.sku}`);
    due ||= window.setTimeout(() => { due = 0; look(); }, 250);
  }, signal);
  live.on("watches", () => reload(), signal);
  live.on("refresh", () => reload(), signal);
  const seconds = setInterval(() => { const now = Date.now(); for (const key of onScreen) rows.get(key)?.tick(now); }, 1_000);
  const looks = setInterval(look, 5_000);
  signal.addEventListener("abort", () => {
    rowsLeft = rows.size;
    clearInterval(seconds);
    clearInterval(looks);
    clearTimeout(due);
    clearTimeout(reorder);
    visible.disconnect();
    end.disconnect();
  });
  let typing = 0;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = window.setTimeout(() => choose({ search: search.value }), 200);
  });
  shortcuts({ search, body, select: chosen.toggle }, signal);
  await reload(isBack ? Math.max(PAGE, Math.min(1000, rowsLeft)) : PAGE);
}

/** @returns {{ search: string, tag: string, state: string, retailer: string, sort: string }} */
function remembered() {
  const none = { search: "", tag: "", state: "", retailer: "", sort: "state" };
  try {
    return { ...none, ...JSON.parse(sessionStorage.getItem("stock") ?? "{}") };
  } catch {
    return none;
  }
}

/** @param {string} label @param {(value: string) => void} chosen */
function picker(label, chosen) {
  const root = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": label }));
  root.addEventListener("change", () => chosen(root.value));
  let known = "";
  return {
    root,
    /** @param {string[][]} options @param {string} value @param {string | null} any */
    fill(options, value, any) {
      const text = JSON.stringify(options);
      if (text !== known) {
        known = text;
        replace(root, any === null ? null : h("option", { value: "" }, any), options.map(([one, name]) => h("option", { value: one }, name)));
      }
      root.value = value;
    },
  };
}
