// @ts-check
/** Health: is everything looked at, how quick, who refuses us, and did the alerts leave. */

import { ApiError, api } from "../api.js";
import { h, replace, write } from "../dom.js";
import { availability, clock, count, money, plural, retailerName, sentence } from "../format.js";
import { action, badge, complain, dialog, empty, listing, loading, since, waitingFigures } from "../parts.js";
import { evidenceDialog } from "./evidence.js";
import { restartNote } from "./restart_note.js";

const EVENTS_KEPT = 40;

/** @param {HTMLElement} root @param {import("../main.js").Context} context */
export async function show(root, { live, signal, title }) {
  title("Health");
  const head = h("div.heading", h("h1", "Health"));
  const figures = h("div.summary", waitingFigures(6));
  const retailers = h("section.card", h("h2", "Retailers"), loading());
  const channels = h("span.small.quiet-text");
  const tested = h("div", { role: "status" });
  const sendTest = action("Send a test", () => test(tested));
  const told = h("div", loading());
  const alerts = h("section.card", h("div.row.apart", h("h2", "Alerts"), h("div.row", channels, sendTest)), tested, told);
  const browser = h("section.card", h("h2", "Browser"), loading());
  const events = h("tbody");
  const happened = h("section.card", h("h2", "What happens"), h("div.scroll", h("table", events)), empty("Nothing yet since this page is open."));
  const waiting = restartNote(refresh);
  replace(root, head, waiting.root, figures, retailers, h("div.halves", browser, happened), alerts, rehearsal());

  async function refresh() {
    try {
      const outbox = api.outbox({ limit: 20 });
      const monitor = api.monitor();
      await Promise.all([
        monitor.then((/** @type {any} */ said) => !signal.aborted && draw(said)),
        outbox.then((/** @type {any} */ said) => !signal.aborted && delivery(said)),
      ]);
    } catch (error) {
      complain(error);
    }
  }

  /** @param {any} monitor */
  function draw(monitor) {
    replace(head, h("div.row", h("h1", "Health"), monitor.running ? badge("running", `Monitor runs${monitor.mode === "live" ? ", live" : ", test mode"}`) : badge("stopped", "Monitor is off")), h("div.row", ...controls(monitor)));
    waiting.update(monitor);
    const quick = monitor.performance ?? {};
    const slow = quick.sweep_seconds > monitor.performance_target_time;
    replace(figures,
      figure(known(quick.checks_per_second, (value) => value.toFixed(1)), "checks a second"),
      figure(known(quick.p50_ms, (value) => `${Math.round(value)} ms`), "a request takes (median)"),
      figure(known(quick.p95_ms, (value) => `${Math.round(value)} ms`), "95 of 100 are quicker"),
      figure(quick.sweep_seconds ? `${quick.sweep_seconds.toFixed(2)} s` : "–", `a sweep of all; target ${monitor.performance_target_time} s`, slow ? "warning" : ""),
      figure(known(quick.late, count), `${plural(quick.late, "check")} behind schedule`, quick.late > 0 ? "warning" : ""),
      figure(known(quick.checks_last_minute, count), quick.failed_last_minute ? `checks in the last minute; ${count(quick.failed_last_minute)} ${plural(quick.failed_last_minute, "request")} failed` : "checks in the last minute", quick.failed_last_minute ? "warning" : ""),
    );
    replace(retailers, h("h2", "Retailers"), Object.keys(monitor.retailers).length ? table(monitor, refresh) : empty("Nothing is watched yet: add a product on the Stock page."));
    replace(browser, h("h2", "Browser"), ...sessions(monitor), hostList(monitor.hosts));
  }

  /** @param {any} monitor */
  function controls(monitor) {
    const reload = action("Reload", () => api.reloadMonitor().then((said) => said.message), { title: "Read the configuration again" });
    if (monitor.running) return [reload, action("Stop", async () => { const said = await api.stopMonitor(); setTimeout(refresh, 1_500); return said.message; }, { label: "Stop the monitor" })];
    return [reload, h("button.primary", { type: "button", onclick: () => startDialog(monitor, refresh) }, "Start monitor")];
  }

  /** @param {any} outbox */
  function delivery(outbox) {
    write(channels, outbox.channels ? `${outbox.channels} ${plural(outbox.channels, "channel")}` : "no channel configured");
    replace(told, outbox.alerts.length ? listing(["When", "Alert", "State", "Tries#", "Left", ""], h("tbody", outbox.alerts.map((/** @type {any} */ one) => h("tr",
          h("td", since(one.created_at)),
          h("td", sentence(one.kind), one.name && h("div.why", one.name)),
          h("td", badge(one.state)),
          h("td.number", count(one.attempts)),
          h("td.small.wrap", one.last_error || (one.sent_at ? ["left ", since(one.sent_at)] : "")),
          h("td", one.state === "pending" ? null : action("Send again", async () => { const said = await api.resend(one.id); await refresh(); return said.message; }, { label: `Send again: alert ${one.id}` })),
        )))) : empty("No alert yet."));
  }

  /** @param {string} kind @param {any} data */
  function note(kind, data) {
    happened.querySelector(".empty")?.remove();
    events.prepend(h("tr", h("td.small.nowrap", clock(Date.now())), h("td", badge(kind)), h("td.small", said(kind, data))));
    while (events.childElementCount > EVENTS_KEPT) events.lastElementChild?.remove();
  }

  let due = 0;
  const soon = () => { due ||= window.setTimeout(() => { due = 0; if (!document.querySelector("dialog[open]")) refresh(); }, 500); };
  for (const kind of ["stock", "health", "process", "config", "purchase", "alert", "watches"]) live.on(kind, (data) => { note(kind, data); if (kind !== "stock") soon(); }, signal);
  live.on("refresh", refresh, signal);
  const timer = setInterval(() => !document.hidden && soon(), 5_000);
  signal.addEventListener("abort", () => { clearInterval(timer); clearTimeout(due); });
  await refresh();
}

/** Sends one to every channel and says what became of each. @param {HTMLElement} results */
async function test(results) {
  const said = await api.testAlert();
  const failed = said.results.filter((/** @type {any} */ one) => !one.ok);
  if (said.results.length) replace(results, h("ul", said.results.map((/** @type {any} */ one) => h("li", badge(one.ok ? "sent" : "failed"), ` ${one.channel} ${one.error}`))));
  else replace(results, h("p.note", `${sentence(said.message)}.`));
  if (failed.length) throw new ApiError(0, said.message);
  return said.results.length ? said.message : undefined;
}

/** Rehearses everything on a simulator and shows the time of each leg. */
function rehearsal() {
  const result = h("div", { role: "status" });
  const start = action("Rehearse", async () => {
    replace(result, h("p.note", "Rehearsing: a simulated shop, a browser and a monitor of its own. This takes some 20 seconds."));
    try {
      const said = await api.drill();
      replace(result, ...legs(said));
      if (!said.ok) throw new ApiError(0, "The rehearsal failed: see the leg marked failed");
      return said.whole ? "Rehearsed: every leg was walked" : "Rehearsed in part: there is no browser";
    } catch (error) {
      if (result.querySelector(".note")) replace(result);
      throw error;
    }
  }, { title: "A product comes back at a simulated shop: is it seen, confirmed, told and bought in test mode?" });
  return h("section.card", h("div.row.apart", h("h2", "Rehearsal"), start),
    h("p.small.quiet-text", "Detect, confirm, alert and buy, on a simulator and in test mode. Nothing of yours is touched, nothing is bought."), result);
}

/** @param {any} said */
function legs(said) {
  return [
    listing(["Leg", "Result", "Time#", "What was seen"], h("tbody", said.legs.map((/** @type {any} */ leg) => h("tr",
        h("td", sentence(leg.name)),
        h("td", leg.ok === null ? badge("stopped", "not here") : badge(leg.ok ? "complete" : "failed", leg.ok ? "ok" : "failed")),
        h("td.number", leg.ms === null ? "–" : `${Math.round(leg.ms)} ms`),
        h("td.small.wrap", leg.says),
      )))),
    h("p.small.quiet-text", `${(said.total_ms / 1_000).toFixed(1)} s from the shelf to the end; ${count(said.orders)} ${plural(said.orders, "order")} in the shop's book.`),
  ];
}

/** @param {any} monitor @param {() => Promise<void>} started */
function startDialog(monitor, started) {
  const live = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", disabled: monitor.test_mode }));
  const pacing = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": "Pacing" }, ["adaptive", "fixed"].map((one) => h("option", { value: one, selected: one === monitor.pacing }, one === "adaptive" ? "Adaptive: learns when products come back" : "Fixed: each at its own interval"))));
  const word = /** @type {HTMLInputElement} */ (h("input", { type: "text", autocomplete: "off", disabled: true }));
  live.addEventListener("change", () => { word.disabled = !live.checked; });
  dialog("Start the monitor", (close) => [
    h("label.field", "Pacing", pacing),
    h("label.check", live, "Live: may buy, within the limits of Safety"),
    monitor.test_mode ? h("p.small.quiet-text", "Live needs test mode to be off in Settings, Safety.") : h("label.field", "Type BUY to confirm that money may be spent", word),
    h("div.row.end", h("button", { type: "button", onclick: close }, "Cancel"), action("Start", async () => {
      if (live.checked && word.value.trim() !== "BUY") throw new ApiError(0, "Type BUY to start live");
      const said = await api.startMonitor({ live: live.checked, pacing: pacing.value });
      close();
      await started();
      return said.message;
    }, { kind: "primary" })),
  ]);
}

/** @param {any} monitor @param {() => Promise<void>} refresh */
function table(monitor, refresh) {
  const askAgain = (/** @type {string} */ name) => action("Ask again", async () => { const said = await api.unpause(name); await refresh(); return said.message; }, { kind: "small", label: `Ask again: ${retailerName(name)}`, title: "You have looked at its site, and it let you in" });
  return listing(["Retailer", "State", "Since", "Products#", "Requests a second#", "Checks in an hour#", "Intervals"], h("tbody", Object.entries(monitor.retailers).map(([name, one]) => h("tr",
      h("td", retailerName(name)),
      h("td", one.paused_until ? badge("blocked", "Paused") : [badge(one.state), h("div.why", one.reason)], one.paused_until && h("div.why", "asked again ", since(one.paused_until), `: ${one.pause_reason} `, askAgain(name))),
      h("td", since(one.since)),
      h("td.number", count(one.watches)),
      h("td.number", one.requests_per_second === null ? "–" : Number(one.requests_per_second).toFixed(2)),
      h("td.number", count(one.checks_last_hour), one.unknowns_last_hour ? h("div.why", `${count(one.unknowns_last_hour)} without a verdict`) : null),
      h("td", one.stretch === null ? "–" : one.stretch > 1.001 ? badge("warning", `${one.stretch.toFixed(1)} × longer than asked`) : "as asked"),
    ))));
}

/** @param {any} monitor */
function sessions({ browser, running }) {
  const facts = Object.entries(browser.facts ?? {}).filter(([, value]) => value !== null && String(value) !== "");
  return [
    h("p", browser.ready ? badge("working", "Ready") : badge("stopped", "Not used"), " ", h("span.quiet-text.small", running ? browser.reason : "the monitor is off")),
    facts.length ? h("dl.facts", facts.map(([name, value]) => [h("dt", sentence(name)), h("dd", typeof value === "object" ? JSON.stringify(value) : String(value))])) : null,
  ];
}

/** @param {any[]} hosts */
function hostList(hosts) {
  if (!hosts.length) return null;
  return h("details", h("summary", `Hosts asked from this page: ${hosts.length}`), h("ul", hosts.map((one) => h("li.small", `${one.host}: ${Math.round(one.share * 100)} % of its budget`, one.reason && `, ${one.reason}`))));
}

/** @param {number | null | undefined} value @param {(value: number) => string} text */
function known(value, text) {
  return value === null || value === undefined ? "–" : text(value);
}

/** @param {string} kind @param {any} data */
function said(kind, data) {
  const product = data.sku ? h("a", { href: `#/product/${data.retailer}/${encodeURIComponent(data.sku)}` }, `${retailerName(data.retailer)} ${data.sku}`) : null;
  if (kind === "stock" && data.availability) return [product, `: ${stockChange(data)}`];
  if (kind === "stock") return [h("button.inline", { type: "button", title: "Why did this fire?", onclick: () => evidenceDialog(data.restock_id) }, `restock ${data.restock_id}`), `: ${data.confirmation.replaceAll("_", " ")}`];
  if (kind === "health") return `${retailerName(data.retailer)}: ${sentence(data.state)}. ${data.reason ?? ""}`;
  if (kind === "alert") return `alert ${data.id}: ${data.state}`;
  if (kind === "process") return `${data.kind} ${data.name}: ${data.state}`;
  if (kind === "config") return data.ok ? `${data.file || "configuration"} taken over` : `refused: ${(data.errors ?? []).join("; ")}`;
  if (kind === "purchase") return [product, data.emergency_stop !== undefined ? `emergency stop ${data.emergency_stop ? "on" : "off"}` : ` ${data.state}`];
  return "the list of watches has changed";
}

/** @param {any} data */
function stockChange({ was, availability: now, pickup, price_cents: cents }) {
  const price = cents === null || cents === undefined ? "" : `, ${money(cents / 100)}`;
  if (was !== now) return `${availability(was).toLowerCase()} → ${availability(now).toLowerCase()}${price}`;
  return `${availability(now).toLowerCase()}, pickup ${availability(pickup).toLowerCase()}${price}`;
}

/** @param {string} value @param {string} name @param {string} [state] */
function figure(value, name, state = "") {
  return h("div.card.figure", { dataset: { state } }, h("div.value", value), h("div.name", name));
}

