// @ts-check
/**
 * One watched product in the list. Shows what it is given and reports what the person does; it knows no
 * address of the server and starts no timer.
 */

import { sparkline } from "../charts.js";
import { h, replace, write } from "../dom.js";
import { availability, duration, moment, money, relative, retailerName, sentence } from "../format.js";
import { badge } from "../parts.js";

/**
 * @typedef {object} Actions
 * @property {(key: string, on: boolean) => void} select
 * @property {(key: string, settings: object) => Promise<void>} change
 * @property {(key: string) => void} check
 */

const PRIORITIES = ["critical", "high", "normal", "low"];

/** @param {any} watch */
export const keyOf = (watch) => `${watch.retailer}:${watch.sku}`;

/** @param {any} watch */
export const wordOf = (watch) => {
  if (!watch.enabled) return "paused";
  const ways = { shipping: watch.state.availability, pickup: watch.state.pickup, in_store: watch.state.in_store };
  const said = watch.channels.map((/** @type {"shipping"} */ one) => ways[one]).filter((/** @type {string} */ one) => one !== "unknown");
  return ["in_stock", "limited", "preorder"].find((one) => said.includes(one)) ?? said[0] ?? "unknown";
};

/** Nothing is told of it for a while. @param {any} watch @param {number} now */
export const isSnoozed = (watch, now) => watch.snoozed_until !== null && Date.parse(watch.snoozed_until) > now;

/** @param {any} first @param {Actions} actions */
export function stockRow(first, actions) {
  const key = keyOf(first);
  let watch = first;
  const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
  const thumb = h("span.thumb", { "aria-hidden": "true" });
  const name = h("a.product-name", { href: `#/product/${first.retailer}/${encodeURIComponent(first.sku)}` });
  const facts = h("div.why");
  const state = h("div.way");
  const ways = h("div.why");
  const price = h("div.price");
  const limit = editable("Highest price", "$", (text) => actions.change(key, { max_price: text === "" ? null : Number(text) }));
  const week = h("div");
  const due = h("div.due");
  const why = h("div.why.clamped");
  const every = editable("Seconds between checks", "s", (text) => actions.change(key, { check_frequency: text === "" ? null : Number(text) }));
  const restock = h("span");
  const priority = /** @type {HTMLSelectElement} */ (
    h("select.small", { "aria-label": "Priority" }, PRIORITIES.map((one) => h("option", { value: one }, sentence(one))))
  );
  const check = h("button.small", { type: "button", title: "Check now", onclick: () => actions.check(key) }, "Check");
  const root = h("tr", { tabIndex: -1, dataset: { key } },
    h("td.pick", box),
    h("td.what", h("div.row.top-row", thumb, h("div.grow", name, facts))),
    h("td.state-cell", state, ways),
    h("td.price-cell", price, limit.root),
    h("td.week", week),
    h("td.next", h("div.row.due-row", due, every.root), why),
    h("td.restock", restock),
    h("td.priority", priority),
    h("td.do", check),
  );
  box.addEventListener("change", () => actions.select(key, box.checked));
  priority.addEventListener("change", () => actions.change(key, { priority: priority.value }));

  let drawn = "";
  /** @param {any} next */
  function update(next) {
    const before = { word: wordOf(watch), price: watch.state.price };
    watch = next;
    tick(Date.now());
    const text = JSON.stringify({ ...next, snoozed_until: isSnoozed(next, Date.now()), next_check: null, state: { ...next.state, last_checked: null } });
    if (text === drawn) return;
    const isFirst = drawn === "";
    drawn = text;
    draw(next);
    if (!isFirst && (before.word !== wordOf(next) || before.price !== next.state.price)) flash();
  }

  /** @param {any} next */
  function draw(next) {
    const word = wordOf(next);
    root.dataset.state = word;
    box.setAttribute("aria-label", `Select ${next.title}`);
    check.setAttribute("aria-label", `Check ${next.title} now`);
    picture(thumb, next);
    write(name, next.title);
    replace(facts, `${retailerName(next.retailer)} ${next.sku}`, ...next.tags.map((/** @type {string} */ tag) => [" ", h("span.tag", tag)]), marks(next));
    replace(state, badge(word, word === "paused" ? "Paused" : availability(word)));
    write(ways, otherWays(next, word));
    replace(price, next.state.price_text ?? "–", next.state.regular_price > next.state.price ? h("s.why", ` ${money(next.state.regular_price)}`) : null);
    price.classList.toggle("over", next.max_price !== null && next.state.price !== null && next.state.price > next.max_price);
    limit.set(next.max_price === null ? "" : String(next.max_price), next.max_price === null ? "any price" : `≤ ${money(next.max_price)}`);
    every.set(String(next.check_frequency), `≤ ${duration(next.check_frequency)}`);
    replace(week, sparkline(next.sparkline, Date.now() / 1000));
    priority.value = next.priority;
  }

  /** Times move on without anything having changed. @param {number} now */
  function tick(now) {
    const plan = watch.next_check;
    write(due, !watch.enabled ? "–" : plan ? soon(plan.due_at, now) : watch.state.last_checked ? `seen ${relative(watch.state.last_checked, now)}` : "not seen yet");
    write(why, plan && watch.enabled ? plan.why.replace(/^due now: /, "") : "");
    why.title = why.textContent ?? "";
    write(restock, watch.state.last_restock ? relative(watch.state.last_restock, now) : "–");
    restock.title = moment(watch.state.last_restock);
  }

  function flash() {
    // Two names of one animation let it begin anew; asking for a layout in between would cost one for each row.
    root.dataset.fresh = root.dataset.fresh === "once" ? "again" : "once";
  }

  return {
    root,
    update,
    tick,
    get watch() { return watch; },
    /** @param {boolean} on */
    select(on) { box.checked = on; },
  };
}

/** A check whose moment has come is under way, or waits for its turn. @param {string} due @param {number} now */
export function soon(due, now) {
  return Date.parse(due) <= now + 500 ? "due now" : relative(due, now);
}

/** @param {HTMLElement} box @param {any} watch */
export function picture(box, watch) {
  const url = watch.image_url;
  if (box.dataset.url === String(url)) return;
  box.dataset.url = String(url);
  const letter = (watch.title || "?").trim().charAt(0).toUpperCase();
  if (!url) return replace(box, letter);
  const image = h("img", { alt: "", loading: "lazy", referrerPolicy: "no-referrer", src: url });
  image.addEventListener("load", () => image.classList.add("come"), { once: true });
  image.addEventListener("error", () => image.remove(), { once: true });
  replace(box, letter, image); // in the page from the start: what is not in it is never loaded lazily
}

/** @param {any} watch @param {string} word */
function otherWays(watch, word) {
  const names = /** @type {Record<string, string>} */ ({ pickup: "pickup", in_store: "in store", availability: "shipping" });
  if (word === "paused") return "";
  const parts = Object.entries(names).filter(([way]) => watch.state[way] !== word && watch.state[way] !== "unknown");
  return parts.map(([way, name]) => `${name}: ${availability(watch.state[way]).toLowerCase()}`).join(", ");
}

/** @param {any} watch */
function marks(watch) {
  const found = [];
  if (watch.auto_purchase) found.push(h("span.tag.buy", "buys"));
  if (watch.muted) found.push(h("span.tag", "muted"));
  else if (isSnoozed(watch, Date.now())) found.push(h("span.tag", { title: `Until ${moment(watch.snoozed_until)}` }, "snoozed"));
  if (watch.group) found.push(h("span.tag", `group ${watch.group}`));
  return found.map((one) => [" ", one]);
}

/**
 * A value that becomes a field when it is clicked; Enter saves, Escape leaves it.
 * @param {string} label
 * @param {string} unit
 * @param {(text: string) => Promise<void>} save
 */
function editable(label, unit, save) {
  const root = h("span.editable");
  let value = "";
  const shown = h("button.quiet.inline", { type: "button", title: `${label}: click to change`, "aria-label": label, onclick: edit });
  replace(root, shown);

  function edit() {
    const input = /** @type {HTMLInputElement} */ (h("input.inline", { type: "number", min: "0", step: "any", value, "aria-label": `${label} (${unit})` }));
    let done = false;
    const close = () => {
      done = true;
      const isHere = document.activeElement === input; // else the person has gone on already
      replace(root, shown);
      if (isHere) shown.focus();
    };
    const keep = async () => {
      if (done) return;
      const text = input.value.trim();
      close();
      if (text !== value) await save(text);
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") event.preventDefault(); // else it would press the button that comes back
      if (event.key === "Enter") keep();
      if (event.key === "Escape") close();
      event.stopPropagation();
    });
    input.addEventListener("blur", keep);
    replace(root, input);
    input.focus();
    input.select();
  }
  return {
    root,
    /** @param {string} next @param {string} text */
    set(next, text) {
      value = next;
      write(shown, text);
      shown.setAttribute("aria-label", `${label}: ${text}`);
    },
  };
}
