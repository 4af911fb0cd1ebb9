// @ts-check
/** The page: which view is shown, the header's state, the theme, the age of what is seen. */

import { api } from "./api.js";
import { replace, write } from "./dom.js";
import { clock, duration, relative } from "./format.js";
import { Live } from "./live.js";
import { complain, confirmed, empty, loading, toast } from "./parts.js";
import { announce } from "./announce.js";

/**
 * @typedef {object} Context
 * @property {Live} live
 * @property {AbortSignal} signal ends when the view is left
 * @property {string[]} path what follows the view's name in the address
 * @property {(title: string) => void} title
 * @property {boolean} isBack the person comes back to where they were
 */

/** @type {Record<string, () => Promise<{ show(root: HTMLElement, context: Context): void | Promise<void> }>>} */
const VIEWS = {
  stock: () => import("./views/stock.js"),
  product: () => import("./views/product.js"),
  stores: () => import("./views/stores.js"),
  run: () => import("./views/run.js"),
  purchases: () => import("./views/purchases.js"),
  logs: () => import("./views/logs.js"),
  settings: () => import("./views/settings.js"),
  health: () => import("./views/health.js"),
};
/** Which tab a view belongs to, where it has none of its own. */
const TAB = /** @type {Record<string, string>} */ ({ product: "stock", run: "stores" });
const REFRESH_MS = 5_000;

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const live = new Live(REFRESH_MS);
let leaving = new AbortController();
let seenAt = Date.now();
/** Where in each page of the history the person was. @type {Map<number, number>} */
const scrolled = new Map();
let page = 0;

/** Which page of the history this is; a known one is come back to. */
function turn() {
  scrolled.set(page, window.scrollY);
  const known = history.state?.page;
  page = known ?? Date.now();
  if (known === undefined) history.replaceState({ page }, "");
  return scrolled.has(page);
}

async function show() {
  const isBack = turn();
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  for (const open of document.querySelectorAll("dialog[open]")) /** @type {HTMLDialogElement} */ (open).close();
  const [name = "stock", ...path] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
  const load = VIEWS[name];
  for (const tab of document.querySelectorAll(".tabs a")) {
    const isCurrent = /** @type {HTMLElement} */ (tab).dataset.view === (TAB[name] ?? name);
    tab.toggleAttribute("aria-current", isCurrent);
    if (isCurrent) tab.setAttribute("aria-current", "page");
  }
  if (!load) {
    replace(main, empty(`There is no page ${name}.`));
    return;
  }
  if (!main.firstChild) replace(main, loading());
  try {
    const view = await load();
    if (signal.aborted) return;
    const root = document.createElement("div");
    root.className = `view view-${name}`;
    replace(main, root);
    window.scrollTo(0, 0);
    const isFirst = scrolled.size < 2;
    if (!isFirst && document.activeElement === document.body) main.focus({ preventScroll: true }); // what had the focus is gone
    await view.show(root, {
      live,
      signal,
      path,
      isBack,
      title: (title) => (document.title = `${title} – Shopwatch`),
    });
    seenAt = Date.now();
    if (isBack && !signal.aborted && window.scrollY === 0) window.scrollTo(0, scrolled.get(page) ?? 0);
  } catch (error) {
    if (!signal.aborted) complain(error);
  }
}

function age() {
  const now = Date.now();
  const last = Math.max(seenAt, live.lastHeard);
  const refreshed = clock(last);
  const element = /** @type {HTMLElement} */ (document.getElementById("age"));
  write(element.children[0], live.connected ? "live" : `${duration((now - last) / 1000)} old`);
  write(element.children[1], refreshed);
  element.title = `Last refreshed ${refreshed}`;
  element.dataset.state = live.connected ? "live" : "old";
  for (const one of document.querySelectorAll("time")) write(one, relative(one.dateTime, now));
}

async function header() {
  try {
    const [status, monitor] = await Promise.all([api.status(), api.monitor().catch(() => null)]);
    const active = status.global.active_scrapers;
    const watching = monitor?.running ? `watching ${monitor.enabled}` : "monitor off";
    const activity = /** @type {HTMLElement} */ (document.getElementById("activity"));
    write(activity, `${watching} · ${active} ${active === 1 ? "crawl" : "crawls"}`);
    activity.dataset.active = String(active > 0 || Boolean(monitor?.running));
    mode(monitor);
    if (monitor) preferences(monitor.dashboard);
    seenAt = Date.now();
    banner("");
  } catch (error) {
    // What is shown grows old; the age says by how much.
    banner(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} text */
function banner(text) {
  const element = /** @type {HTMLElement} */ (document.getElementById("banner"));
  element.hidden = text === "";
  write(element, text);
}

/** What the settings say, where the person has chosen nothing on this page. @param {any} wanted */
function preferences(wanted) {
  live.interval = wanted.refresh_interval * 1000;
  if (!localStorage.getItem("theme")) document.documentElement.dataset.theme = wanted.theme;
}

/** @param {any} monitor */
function mode(monitor) {
  const element = /** @type {HTMLElement} */ (document.getElementById("mode"));
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("emergency"));
  if (!monitor) return;
  element.hidden = false;
  element.dataset.mode = monitor.emergency_stop ? "stopped" : monitor.mode;
  write(element, monitor.emergency_stop ? "buying stopped" : monitor.mode === "live" ? "LIVE" : "test mode");
  button.hidden = monitor.mode !== "live" && !monitor.emergency_stop;
  write(button, monitor.emergency_stop ? "Allow buying" : "Stop buying");
  button.onclick = async () => {
    if (monitor.emergency_stop && !(await confirmed("Allow buying again, within every other limit?", "Allow"))) return;
    try {
      await api.emergencyStop(!monitor.emergency_stop);
      toast(monitor.emergency_stop ? "Buying is allowed again" : "Nothing will be bought", "good");
      await header();
    } catch (error) {
      complain(error);
    }
  };
}

function theme() {
  const order = ["auto", "light", "dark"];
  const stored = localStorage.getItem("theme") ?? "auto";
  document.documentElement.dataset.theme = stored;
  /** @type {HTMLElement} */ (document.getElementById("theme")).onclick = () => {
    const next = order[(order.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % order.length];
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    toast(`Theme: ${next}`);
  };
}

let due = 0;
function soon() {
  clearTimeout(due);
  due = window.setTimeout(header, 300);
}

history.scrollRestoration = "manual"; // what was there is drawn anew first
theme();
for (const kind of ["run", "process", "purchase", "config", "refresh"]) live.addEventListener(kind, soon);
for (const kind of ["connection", "hello"]) live.addEventListener(kind, age);
announce(live);
/** @type {HTMLElement} */ (document.getElementById("refresh")).onclick = () => {
  live.say("refresh", {});
  header();
};
setInterval(age, 1000);
window.addEventListener("hashchange", show);
live.start();
header();
show();
