// @ts-check
/** One product: how it stands, how its price and stock went, when it comes back, and why each alert fired. */

import { api } from "../api.js";
import { heatMap, priceChart } from "../charts.js";
import { h, replace } from "../dom.js";
import { availability, count, duration, money, moment, percent, plural, retailerName, zone } from "../format.js";
import { action, badge, complain, dialog, empty, listing, loading, since, waitingFigures } from "../parts.js";
import { collect, field, showProblems } from "./form.js";
import { evidenceDialog } from "./evidence.js";
import { remove as removeWatches } from "./removal.js";
import { isSnoozed, picture, soon, wordOf } from "./stock_row.js";
import { WATCH_FIELDS } from "./watch_fields.js";

const RANGES = [[1, "1 day"], [7, "7 days"], [30, "30 days"], [365, "1 year"]];

/** @param {HTMLElement} root @param {import("../main.js").Context} context */
export async function show(root, { live, signal, path, title }) {
  const [retailer, sku] = path;
  const head = h("div.heading", h("h1", sku ?? "Product"));
  const facts = h("section.card", loading());
  const figures = h("div.summary", waitingFigures(6));
  const chart = h("section.card", h("h2", "Price and stock"), loading());
  const heat = h("section.card", h("h2", "When it comes back"), loading());
  const restocks = h("section.card", h("h2", "Restocks"), loading());
  let days = 30;
  /** @type {any} */
  let watch = null;
  const whole = [head, facts, figures, chart, heat, restocks];
  replace(root, ...whole);

  async function refresh() {
    try {
      watch = await api.watch(retailer, sku);
      if (signal.aborted) return;
      title(watch.title);
      if (!head.isConnected) replace(root, ...whole);
      heading();
      stands();
      comings();
    } catch (error) {
      if (watch) complain(error);
      else instead(error instanceof Error ? error.message : String(error));
      return;
    }
    await draw();
  }

  /** The list has changed: this product may not be on it any more, here or by another hand. */
  async function listed() {
    const page = await asked();
    if (page?.watches.length) await refresh();
    else if (page && !signal.aborted) instead(`${watch?.title ?? sku} is watched no longer.`);
  }

  /** The list is asked, not the product: one that is gone is an answer there, not a failure. */
  const asked = () => api.watchesByKey(new URLSearchParams({ key: `${retailer}:${sku}` })).catch(() => null);

  /** @param {string} sentence */
  function instead(sentence) {
    replace(root, h("div.card", empty(sentence, h("a.button", { href: "#/stock" }, "← Stock"))));
  }

  async function draw() {
    try {
      const past = await api.history(retailer, sku, days);
      if (!signal.aborted) went(past);
    } catch (error) {
      complain(error);
    }
  }

  function heading() {
    replace(head,
      h("div.row", h("a.button.small", { href: "#/stock" }, "← Stock"), h("h1", watch.title)),
      h("div.row",
        action("Check now", check, { kind: "primary" }),
        action(watch.enabled ? "Pause" : "Resume", async () => { await api.changeWatch(retailer, sku, { enabled: watch.enabled ? false : null }); await refresh(); }),
        h("button", { type: "button", onclick: edit }, "Edit"),
        action("Remove", remove),
      ));
  }

  function stands() {
    const word = wordOf(watch);
    const thumb = h("span.thumb.large", { "aria-hidden": "true" });
    picture(thumb, watch);
    const line = (/** @type {string} */ name, /** @type {any} */ value) => value ? [h("dt", name), h("dd", value)] : [];
    const state = watch.state;
    replace(facts, h("div.row.top-row", thumb,
      h("div.grow",
        h("div.row", badge(word, word === "paused" ? "Paused" : availability(word)), h("strong.price", state.price_text ?? "Price unknown"),
          state.regular_price > state.price ? h("s.quiet-text", money(state.regular_price)) : null,
          watch.url ? h("a", { href: safe(watch.url), target: "_blank", rel: "noreferrer noopener" }, `${retailerName(retailer)}’s page`) : null),
        h("dl.facts",
          line("Shipping", availability(state.availability)), line("Pickup", availability(state.pickup)), line("In store", availability(state.in_store)),
          line("Since", state.since && [since(state.since), ` (${moment(state.since)})`]),
          line("Last checked", state.last_checked && since(state.last_checked)),
          line("Next check", watch.next_check && `${soon(watch.next_check.due_at, Date.now())}: ${watch.next_check.why.replace(/^due now: /, "")}`),
          line("Sold by", state.sold_by), line("Limit", state.purchase_limit && `${state.purchase_limit} a shopper`),
          line("Highest price", watch.max_price !== null && money(watch.max_price)),
          line("Checked", `every ${duration(watch.check_frequency)} at the longest, priority ${watch.priority}`),
          line("Tags", watch.tags.join(", ")), line("Group", watch.group),
          line("Buying", watch.auto_purchase && `${watch.quantity} may be bought, within the limits of Safety`),
          line("Alerts", quiet(watch)),
        ))));
  }

  /** @param {any} past */
  function went(past) {
    const share = past.in_stock_share;
    replace(figures, ...[
      [money(past.lowest), "lowest price"], [money(past.typical), "typical price"], [money(past.highest), "highest price"],
      [share === null ? "–" : percent(Math.round(share * 1000) / 10), "of the time in stock"],
      [String(past.restocks), `${plural(past.restocks, "restock")}, ${past.restocks_per_week} a week`],
      [past.median_stay_seconds === null ? "–" : duration(past.median_stay_seconds), "a restock lasts (median)"],
    ].map(([value, name]) => h("div.card.figure", h("div.value", value), h("div.name", name))));
    const ranges = h("div.row", { role: "group", "aria-label": "Range" }, RANGES.map(([count, name]) =>
      h("button.small", { type: "button", "aria-pressed": String(count === days), onclick: () => { days = Number(count); draw(); } }, name)));
    replace(chart, h("div.row.apart", h("h2", "Price and stock"), ranges),
      past.prices.length || past.stock.length ? [h("div.scroll", priceChart(past)), h("p.small.quiet-text", "The line is the price; the band below is green while it could be had, grey while unknown. ", looked(past.looks), ` Times in ${zone()}.`)]
        : empty("Nothing has been seen in this time yet."));
    chart.querySelector(".scroll")?.scrollTo(1e6, 0); // on a phone the last days are what one came for
    replace(heat, h("h2", "When it comes back"),
      past.restocks ? [h("div.scroll", heatMap(past.heatmap)), h("p.small.quiet-text", `Hours of the week in ${past.time_zone}; the darker, the more restocks.`)]
        : empty("No restock in this time: nothing to learn from yet."));
  }

  function comings() {
    replace(restocks, h("h2", "Restocks"),
      watch.restocks.length ? listing(["When", "Lasted", "Price#", "Confirmation", ""], h("tbody", watch.restocks.map((/** @type {any} */ one) => h("tr",
          h("td", since(one.at)),
          h("td", one.ended_at ? duration(one.duration_seconds) : "still there"),
          h("td.number", money(one.price)),
          h("td", badge(one.confirmation)),
          h("td", h("button.small", { type: "button", onclick: () => evidenceDialog(one.id) }, "Why did this fire?")),
        )))) : empty("It has not come back since it is watched."));
  }

  async function check() {
    const { observation: seen, duration_ms } = await api.checkNow(retailer, sku);
    await refresh();
    return `${availability(seen.availability)}${seen.price_text ? `, ${seen.price_text}` : ""} (${Math.round(duration_ms)} ms). ${seen.reason}`;
  }

  async function remove() {
    await removeWatches([[retailer, sku]], watch.title);
    location.hash = "#/stock";
  }

  function edit() {
    dialog(`Settings of ${watch.title}`, (close) => {
      const form = h("form.fields", WATCH_FIELDS.map((one) => field("products", one, watch[one.name])));
      form.addEventListener("submit", (event) => event.preventDefault());
      const save = async () => {
        const settings = collect(form);
        for (const one of WATCH_FIELDS) if (one.kind === "check" && settings[one.name] === one.unset) settings[one.name] = null;
        try {
          await api.changeWatch(retailer, sku, settings);
        } catch (error) {
          showProblems(form, error);
          throw error;
        }
        close();
        await refresh();
        return "Saved";
      };
      return [form, h("div.row.end", h("button", { type: "button", onclick: close }, "Cancel"), action("Save", save, { kind: "primary" }))];
    }, { wide: true });
  }

  const isOurs = (/** @type {any} */ change) => change.sku
    ? change.retailer === retailer && change.sku === sku
    : watch?.restocks.some((/** @type {any} */ one) => one.id === change.restock_id); // a confirmation names the restock only
  live.on("stock", (change) => isOurs(change) && refresh(), signal);
  live.on("watches", listed, signal);
  live.on("refresh", refresh, signal);
  const timer = setInterval(async () => {
    if (document.hidden || document.querySelector("dialog[open]")) return;
    const page = await asked();
    if (!page?.watches.length || signal.aborted) return;
    watch = { ...watch, ...page.watches[0] };
    stands();
  }, 5_000);
  signal.addEventListener("abort", () => clearInterval(timer));
  await refresh();
}

/** @param {{ checks: number, unknowns: number }} looks */
function looked({ checks, unknowns }) {
  if (!checks) return "";
  return `Looked at ${count(checks)} ${plural(checks, "time")} in this time, ${unknowns ? count(unknowns) : "none"} without a verdict.`;
}

/** Why nothing is told of it. @param {any} watch */
function quiet(watch) {
  if (watch.muted) return "muted";
  return isSnoozed(watch, Date.now()) && `snoozed until ${moment(watch.snoozed_until)}`;
}

/** Only web addresses: what a person once pasted could be anything. @param {string} url */
function safe(url) {
  return /^https?:\/\//.test(url) ? url : "#/stock";
}

