// @ts-check
/** Stores: the six directories, their runs under way, what changed, and where the stores are. */

import { api } from "../api.js";
import { h, reconcile, replace, write } from "../dom.js";
import { count, duration, percent } from "../format.js";
import { action, badge, complain, confirmed, empty, listing, loading, since, waitingFigures } from "../parts.js";
import { card } from "./stores_card.js";
import { nearby } from "./stores_near.js";

/** @typedef {import("../main.js").Context} Context */

const LIVE = ["progress", "stats", "phases", "pages_per_second", "eta_seconds", "errors_by_class", "message"];

/** @param {HTMLElement} root @param {Context} context */
export async function show(root, { live, signal, title }) {
  title("Stores");
  const figures = summary();
  const resumeAll = action("Resume all", () => api.start("all", { resume: true }).then((said) => said.message), { title: "Go on with every crawl that is not finished" });
  resumeAll.hidden = true;
  const grid = h("div.cards", waitingCards());
  const feed = h("section.card", h("h2", "What changed"), loading());
  /** @type {Map<string, any>} */
  const cards = new Map();
  replace(
    root,
    h(
      "div.heading",
      h("h1", "Stores"),
      h(
        "div.row",
        action("Start all", () => api.start("all").then((said) => said.message), { kind: "primary" }),
        resumeAll,
        action("Stop all", stopAll),
      ),
    ),
    figures.root,
    grid,
    nearby(),
    feed,
  );

  /** @type {any} */
  let known = null;

  /** @param {any} status */
  function update(status) {
    if (!known) replace(grid);
    known = status;
    figures.update(status.global);
    resumeAll.hidden = !Object.values(status.retailers).some((one) => one.can_resume && one.enabled);
    reconcile(grid, Object.values(status.retailers), (one) => one.id, card, cards);
  }

  async function refresh() {
    try {
      update(await api.status());
    } catch (error) {
      complain(error);
    }
  }

  /** A crawl tells how far it is by itself; only a change of state is worth asking for everything. @param {any} run */
  function told(run) {
    const one = known?.retailers[run.retailer];
    if (!one || !run.phases || run.status !== one.status || run.run_id !== one.current_run) {
      soon(300);
      if (run.status === "complete") setTimeout(() => !signal.aborted && known && changeFeed(feed, known), 1_000);
      return;
    }
    for (const name of LIVE) if (run[name] !== undefined) one[name] = run[name];
    cards.get(one.id)?.update(one);
    soon(3_000);
  }

  let due = 0;
  const soon = (/** @type {number} */ wait) => {
    due ||= window.setTimeout(() => { due = 0; refresh(); }, wait);
  };
  live.on("run", told, signal);
  live.on("process", () => soon(300), signal);
  live.on("config", () => soon(300), signal);
  live.on("refresh", refresh, signal);
  signal.addEventListener("abort", () => clearTimeout(due));
  await refresh();
  if (known) await changeFeed(feed, known);
}

/** A card for each of the six, until the first answer says how they stand. */
function waitingCards() {
  return Array.from({ length: 6 }, () => h("div.card.retailer.loading", { "aria-hidden": "true" }, h("div.value"), h("div.name"), h("div.name")));
}

async function stopAll() {
  if (!(await confirmed("Stop every crawl? Each can be resumed where it stopped.", "Stop all"))) return;
  return (await api.stop("all")).message;
}

function summary() {
  const names = {
    total_stores: "stores published",
    total_stores_today: "stores read in 24 hours",
    active_scrapers: "crawls running",
    overall_progress: "overall progress",
    eta_seconds: "until all are done",
  };
  /** @type {Record<string, HTMLElement>} */
  const values = {};
  const cards = Object.entries(names).map(([key, name]) => {
    values[key] = h("div.value");
    return h("div.card.figure", values[key], h("div.name", name));
  });
  const root = h("div.summary", waitingFigures(cards.length));
  return {
    root,
    /** @param {any} all */
    update(all) {
      if (!cards[0].isConnected) replace(root, cards);
      write(values.total_stores, count(all.total_stores));
      write(values.total_stores_today, count(all.total_stores_today));
      write(values.active_scrapers, `${all.active_scrapers} of ${all.active_retailers}`);
      write(values.overall_progress, percent(all.overall_progress));
      write(values.eta_seconds, all.eta_seconds === null ? "–" : duration(all.eta_seconds));
    },
  };
}

/** @param {HTMLElement} box @param {any} status */
async function changeFeed(box, status) {
  const ids = Object.values(status.retailers).filter((one) => one.last_good).map((one) => one.id);
  const all = await Promise.all(ids.map((id) => api.changes(id, { limit: 10 }).catch(() => ({ changes: [] }))));
  const lines = all.flatMap((one) => one.changes).sort((a, b) => b.at.localeCompare(a.at)).slice(0, 25);
  replace(
    box,
    h("div.row.apart", h("h2", "What changed"), h("span.small.quiet-text", ids.map((id) => [
      h("a", { href: `/api/stores/${id}/changes?format=rss` }, `${status.retailers[id].name} RSS`), " ",
    ]))),
    lines.length
      ? listing(["When", "Retailer", "Store", "What"], h("tbody", lines.map((line) => h("tr",
              h("td", since(line.at)),
              h("td", status.retailers[line.retailer]?.name ?? line.retailer),
              h("td.mono", line.ref),
              h("td", badge(line.kind), " ", line.summary),
            ))))
      : empty("Nothing has changed between two published runs yet."),
  );
}
