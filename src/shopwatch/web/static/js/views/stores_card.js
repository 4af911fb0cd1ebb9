// @ts-check
/** A retailer's card: its run under way, the set it last published, and what can be done with both. */

import { api } from "../api.js";
import { storeMap } from "../charts.js";
import { h, replace, write } from "../dom.js";
import { count, duration, percent, plural, sentence } from "../format.js";
import { action, badge, confirmed, dialog, empty, since } from "../parts.js";
import { zoomable } from "../zoom.js";
import { runTable } from "./runs.js";
import { retailerSettings } from "./settings_retailer.js";

/** @param {any} first */
export function card(first) {
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
    replace(facts, ...goodSet(one));
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
  if (!one.last_good) return ["No published set yet"];
  return [`${count(one.last_good.stores)} ${plural(one.last_good.stores, "store")} published `, since(one.last_good.published_at)];
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
    .then(({ points }) => replace(box, zoomable(storeMap(points, one.color)), h("p.small.quiet-text", `${count(points.length)} ${plural(points.length, "store")} with a position`)))
    .catch((error) => replace(box, empty(error.message)));
}
