// @ts-check
/** One run: its phases, errors by class, why it was held, and its log as it is written. */

import { api } from "../api.js";
import { throughput } from "../charts.js";
import { h, replace } from "../dom.js";
import { count, duration, moment, percent, plural, sentence, zone } from "../format.js";
import { action, badge, complain, confirmed, empty, listing, loading, waitingFigures } from "../parts.js";
import { logPanel } from "./log_panel.js";

/** Pages that could not be had are listed anew this long after another one is told of. */
const ERRORS_MS = 3_000;
const SPEED_MS = 5_000;

/** @param {HTMLElement} root @param {import("../main.js").Context} context */
export async function show(root, { live, signal, path, title }) {
  const [retailer, id] = path;
  title(id);
  const state = h("span");
  const facts = h("div.summary", waitingFigures(6));
  const phases = h("section.card", h("h2", "Phases"), loading());
  const notes = h("div");
  const speed = h("section.card", { hidden: true });
  const fields = h("section.card", { hidden: true });
  const buttons = h("div.row");
  /** Only of a run that there is. @type {ReturnType<typeof logPanel> | null} */
  let log = null;
  replace(
    root,
    h("div.heading", h("div.row", h("a.button.small", { href: "#/stores" }, "← Stores"), h("h1.mono", id), state), buttons),
    facts,
    notes,
    phases,
    speed,
    fields,
  );

  /** What was last answered, and told since. @type {any} */
  let known = null;
  /** What the buttons stand for. */
  let offered = "";

  async function refresh() {
    try {
      known = await api.run(retailer, id);
      if (!signal.aborted) draw(known);
    } catch (error) {
      if (known) complain(error);
      else replace(root, h("div.card", empty(error instanceof Error ? error.message : String(error), h("a.button", { href: "#/stores" }, "← Stores"))));
    }
  }

  /** @param {any} run */
  function draw(run) {
    replace(state, badge(run.status));
    replace(facts, ...[
      [percent(run.progress), "progress"],
      [count(run.stats.stores_scraped), "stores"],
      [count(run.stats.requests_made), "requests"],
      [count(run.stats.errors), "errors"],
      [duration(run.stats.duration_seconds), run.completed_at ? "took" : "so far"],
      [run.eta_seconds === null ? "–" : duration(run.eta_seconds), "to go"],
    ].map(([value, name]) => h("div.card.figure", h("div.value", value), h("div.name", name))));
    const reasons = [];
    if (run.gate_reasons.length) reasons.push(h("div.note", "Held back: ", run.gate_reasons.join("; ")));
    if (run.message) reasons.push(h("div.note", run.message));
    replace(notes, reasons);
    replace(phases, h("div.row.apart", h("h2", "Phases"), h("span.small.quiet-text", `Started ${moment(run.started_at)}`)), table(run), errors(run));
    if (run.quality) drawQuality(fields, run.quality);
    const failed = Object.values(run.phases).some((/** @type {any} */ phase) => phase.failed);
    const wanted = `${run.status}|${failed}|${run.gate_reasons}`;
    if (wanted !== offered) {
      offered = wanted; // else a button would change under a finger with each page the crawl has read
      replace(buttons, ...controls(run, failed));
    }
    if (!log) root.append((log = logPanel(retailer, id, signal)).root);
    log.running(run.completed_at === null);
  }

  /** @param {any} run @param {boolean} failed */
  function controls(run, failed) {
    if (run.status === "running" || run.status === "pending") {
      return [action("Stop", () => api.stop(retailer).then((said) => said.message))];
    }
    const found = [];
    if (run.status === "held") {
      found.push(action("Publish", async () => {
        if (await confirmed(`Publish although: ${run.gate_reasons.join("; ")}?`, "Publish")) {
          const said = await api.accept(id);
          await refresh();
          return said.message;
        }
      }, { kind: "primary" }));
    }
    if (["stopped", "failed", "lost"].includes(run.status)) {
      found.push(action("Resume", () => api.start(retailer, { resume: true }).then((said) => said.message), { kind: "primary" }));
    }
    if (failed) {
      found.push(action("Retry failed pages", () => api.start(retailer, { retry_failed: true }).then((said) => said.message)));
    }
    return found;
  }

  /** A run tells how far it is, but not all that is known of it. @param {any} run */
  function told(run) {
    if (run.run_id !== id) return;
    if (!known || !run.phases || run.status !== known.status) {
      refresh();
      drawSpeed();
      return;
    }
    const moreErrors = run.stats.errors !== known.stats.errors;
    known = { ...known, ...run };
    draw(known);
    if (moreErrors) due ||= window.setTimeout(() => { due = 0; refresh(); }, ERRORS_MS);
  }

  async function drawSpeed() {
    const { points } = await api.throughput(retailer, id).catch(() => ({ points: [] }));
    if (signal.aborted) return;
    speed.hidden = points.length < 3;
    if (!speed.hidden) replace(speed, h("div.row.apart", h("h2", "Throughput"), h("span.small.quiet-text", `Times in ${zone()}`)), h("div.scroll", throughput(points, "requests a second")));
  }

  const speeds = setInterval(() => !document.hidden && known?.completed_at === null && drawSpeed(), SPEED_MS);
  signal.addEventListener("abort", () => clearInterval(speeds));
  let due = 0;
  signal.addEventListener("abort", () => clearTimeout(due));
  live.on("run", told, signal);
  live.on("refresh", refresh, signal);
  await refresh();
  if (known) await drawSpeed();
}

/** @param {any} run */
function table(run) {
  return listing(["Phase", "State", "", "Done#", "Not had#", "Total#"], h("tbody", Object.entries(run.phases).map(([name, phase]) => h("tr",
      h("td", sentence(name)),
      h("td", badge(phase.status === "in_progress" ? "running" : phase.status, sentence(phase.status))),
      h("td.progress", h("div.bar", { style: { "--done": `${phase.total ? (100 * (phase.completed + phase.failed)) / phase.total : 0}%` } }, h("span"))),
      h("td.number", count(phase.completed)),
      h("td.number", count(phase.failed)),
      h("td.number", count(phase.total)),
    ))));
}

/** What the stores of the run lack, field by field. @param {HTMLElement} root @param {any} quality */
function drawQuality(root, quality) {
  const rows = Object.entries(quality.fields).filter(([, one]) => one.missing || one.malformed || one.suspicious);
  root.hidden = !quality.stores;
  const share = (/** @type {number} */ n) => (n ? `${count(n)} (${percent((100 * n) / quality.stores)})` : "–");
  replace(root, h("details", h("summary", `Fields of its ${count(quality.stores)} ${plural(quality.stores, "store")}`), listing(["Field", "Missing#", "Malformed#", "Suspicious#", "For example"], h("tbody", rows.map(([name, one]) => h("tr",
      h("td", sentence(name)),
      h("td.number", share(one.missing)),
      h("td.number", share(one.malformed)),
      h("td.number", share(one.suspicious)),
      h("td.small", one.examples.join("; ")),
    ))))));
}

/** @param {any} run */
function errors(run) {
  if (!run.errors.length) return null;
  const kinds = Object.entries(run.errors_by_class).map(([kind, n]) => `${n} ${sentence(kind).toLowerCase()}`).join(", ");
  const list = h("div.scroll", h("table", h("tbody", run.errors.slice(-20).reverse().map((/** @type {any} */ error) => h("tr",
    h("td.small.nowrap", moment(error.timestamp)),
    h("td", badge("warning", sentence(error.class ?? "error"))),
    h("td.small", error.message, h("div.quiet-text.mono", error.url)),
  )))));
  const box = h("details", h("summary", `Pages that could not be had: ${kinds}`), list);
  return box;
}
