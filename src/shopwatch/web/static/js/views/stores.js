// @ts-check
/** Stores: the six directories, their runs under way, what changed, and where the stores are. */

import { api } from "../api.js";
import { h, reconcile, replace, write } from "../dom.js";
import { count, duration, moment, percent, relative, sentence } from "../format.js";
import { storeMap } from "../charts.js";
import { action, badge, columns, complain, confirmed, dialog, empty } from "../parts.js";
import { nearby } from "./stores_near.js";
import { runTable } from "./runs.js";
import { retailerSettings } from "./settings_retailer.js";

/** @typedef {import("../main.js").Context} Context */

const LIVE = ["progress", "stats", "phases", "pages_per_second", "eta_seconds", "errors_by_class", "message"];

/** @param {HTMLElement} root @param {Context} context */
export async function show(root, { live, signal, title }) {
  title("Stores");
  const figures = summary();
  const grid = h("div.cards");
  const feed = h("section.card");
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
    known = status;
    figures.update(status.global);
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
  const root = h(
    "div.summary",
    Object.entries(names).map(([key, name]) => {
      values[key] = h("div.value", "–");
      return h("div.card.figure", values[key], h("div.name", name));
    }),
  );
  return {
    root,
    /** @param {any} all */
    update(all) {
      write(values.total_stores, count(all.total_stores));
      write(values.total_stores_today, count(all.total_stores_today));
      write(values.active_scrapers, `${all.active_scrapers} of ${all.active_retailers}`);
      write(values.overall_progress, percent(all.overall_progress));
      write(values.eta_seconds, all.eta_seconds === null ? "–" : duration(all.eta_seconds));
    },
  };
}

/** @param {any} first */
function card(first) {
  const id = first.id;
  const state = h("span");
  const facts = h("p.quiet-text.small");
  const bar = h("div.bar", { role: "progressbar", "aria-label": `${first.name} progress` }, h("span"));
  const done = h("span.small.quiet-text");
  const phases = h("div.phases");
  const stats = h("div.stats");
  const notes = h("div");
  const buttons = h("div.row");
  const root = h(
    "article.card.lift.retailer",
    { style: { "--brand": first.color }, "aria-label": first.name },
    h("div.row.apart", h("h2", first.name), state),
    facts,
    h("div.row", h("div.grow", bar), done),
    phases,
    stats,
    notes,
    buttons,
  );
  let shown = "";

  /** @param {any} one */
  function update(one) {
    replace(state, badge(one.status));
    write(facts, goodSet(one));
    bar.style.setProperty("--done", `${one.progress}%`);
    bar.setAttribute("aria-valuenow", String(one.progress));
    write(done, one.eta_seconds === null ? percent(one.progress) : `${percent(one.progress)} · ${duration(one.eta_seconds)} left`);
    replace(phases, one.phase_order.map((/** @type {string} */ name) => phase(name, one.phases[name])));
    replace(
      stats,
      figure(count(one.stats.stores_scraped), "stores"),
      figure(duration(one.stats.duration_seconds), "duration"),
      figure(count(one.stats.requests_made), "requests"),
    );
    replace(notes, ...remarks(one));
    const wanted = `${one.current_run}|${one.can_resume}|${one.enabled}|${one.status}`;
    if (wanted !== shown) {
      shown = wanted;
      replace(buttons, ...controls(one));
    }
  }
  return { root, update, id };
}

/** @param {any} one */
function goodSet(one) {
  if (!one.last_good) return "No published set yet";
  return `${count(one.last_good.stores)} stores published, ${duration(one.last_good.age_seconds)} old`;
}

/** @param {string} name @param {any} one */
function phase(name, one) {
  const share = one.total ? (100 * (one.completed + one.failed)) / one.total : 0;
  const failed = one.failed ? `, ${one.failed} not had` : "";
  return h(
    "div.phase",
    { dataset: { status: one.status }, title: `${name}: ${sentence(one.status)}${failed}` },
    h("span", sentence(name)),
    h("div.bar", { style: { "--done": `${share}%` } }, h("span")),
    h("span.number", one.total ? `${count(one.completed)}/${count(one.total)}` : "–"),
  );
}

/** @param {string} value @param {string} name */
function figure(value, name) {
  return h("div", h("div.value", value), h("div.name", name));
}

/** @param {any} one */
function remarks(one) {
  const found = [];
  if (one.gate_reasons.length) found.push(h("div.note", "Held back: ", one.gate_reasons.join("; ")));
  if (one.status === "failed" && one.message) found.push(h("div.note.bad", one.message));
  else if (one.message && one.status !== "complete") found.push(h("div.small.quiet-text", one.message));
  const errors = Object.entries(one.errors_by_class);
  if (errors.length) {
    found.push(h("p.small.quiet-text", "Not had: ", errors.map(([kind, n]) => `${n} ${sentence(kind).toLowerCase()}`).join(", ")));
  }
  return found;
}

/** @param {any} one */
function controls(one) {
  const start = (/** @type {object} */ config) => api.start(one.id, config).then((said) => said.message);
  const buttons = [];
  if (one.current_run) {
    buttons.push(action("Stop", () => api.stop(one.id).then((said) => said.message), { kind: "small", label: `Stop ${one.name}` }));
  } else {
    buttons.push(action("Start", () => start({}), { kind: "primary.small", label: `Start ${one.name}` }));
    if (one.can_resume) buttons.push(action("Resume", () => start({ resume: true }), { kind: "small", label: `Resume ${one.name}` }));
    else if (one.last_run) buttons.push(action("Update", () => start({ incremental: true }), { kind: "small", title: "Fetch only what may have changed" }));
  }
  if (one.status === "held") {
    buttons.push(action("Publish", async () => {
      const question = `Publish this run of ${one.name} although: ${one.gate_reasons.join("; ")}?`;
      if (await confirmed(question, "Publish")) return (await api.accept(one.last_run)).message;
    }, { kind: "small" }));
  }
  buttons.push(h("button.small", { type: "button", onclick: () => history(one) }, "Runs"));
  buttons.push(h("button.small", { type: "button", onclick: () => map(one) }, "Map"));
  buttons.push(h("button.small", { type: "button", onclick: () => retailerSettings(one.id, one.name) }, "Configure"));
  const run = one.current_run ?? one.last_run;
  if (run) buttons.push(h("a.button.small", { href: `#/run/${one.id}/${run}` }, "Log"));
  return buttons;
}

/** @param {any} one */
function history(one) {
  dialog(`Runs of ${one.name}`, () => runTable(one.id), { wide: true });
}

/** @param {any} one */
function map(one) {
  const box = h("div", "Loading…");
  const exports = ["csv", "json", "geojson", "xlsx"].map((format) =>
    h("a.button.small", { href: `/api/stores/${one.id}?format=${format}`, download: "" }, format.toUpperCase()),
  );
  dialog(`Stores of ${one.name}`, () => [box, h("div.row", h("span.quiet-text", "Download:"), exports)], { wide: true });
  api
    .points(one.id)
    .then(({ points }) => replace(box, storeMap(points, one.color), h("p.small.quiet-text", `${count(points.length)} stores with a position`)))
    .catch((error) => replace(box, empty(error.message)));
}

/** @param {HTMLElement} box @param {any} status */
async function changeFeed(box, status) {
  const ids = Object.values(status.retailers).filter((one) => one.last_good).map((one) => one.id);
  const all = await Promise.all(ids.map((id) => api.changes(id, { limit: 10 }).catch(() => ({ changes: [] }))));
  const lines = all.flatMap((one) => one.changes).sort((a, b) => b.at.localeCompare(a.at)).slice(0, 25);
  const now = Date.now();
  replace(
    box,
    h("div.row.apart", h("h2", "What changed"), h("span.small.quiet-text", ids.map((id) => [
      h("a", { href: `/api/stores/${id}/changes?format=rss` }, `${status.retailers[id].name} RSS`), " ",
    ]))),
    lines.length
      ? h(
          "div.scroll",
          h("table",
            columns(["When", "Retailer", "Store", "What"]),
            h("tbody", lines.map((line) => h("tr",
              h("td", { title: moment(line.at) }, relative(line.at, now)),
              h("td", status.retailers[line.retailer]?.name ?? line.retailer),
              h("td.mono", line.ref),
              h("td", badge(line.kind), " ", line.summary),
            ))),
          ),
        )
      : empty("Nothing has changed between two published runs yet."),
  );
}
