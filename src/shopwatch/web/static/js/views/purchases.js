// @ts-check
/** Purchases: what of the limits is used, the book, and the stop. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { count, duration, moment, money, plural, retailerName, sentence } from "../format.js";
import { action, badge, complain, confirmed, dialog, empty, listing, loading, since, waitingFigures } from "../parts.js";

/** @param {HTMLElement} root @param {import("../main.js").Context} context */
export async function show(root, { live, signal, title }) {
  title("Purchases");
  const head = h("div.heading", h("h1", "Purchases"));
  const note = h("div");
  const caps = h("div.summary", waitingFigures(5));
  const book = h("section.card", h("h2", "The book"), loading());
  replace(root, head, note, caps, book);

  async function refresh() {
    try {
      const all = await api.purchases();
      if (!signal.aborted) draw(all);
    } catch (error) {
      complain(error);
    }
  }

  /** @param {any} all */
  function draw(all) {
    replace(head, h("h1", "Purchases"), h("div.row", stop(all)));
    replace(note, ...notes(all));
    const limits = all.limits;
    replace(caps,
      gauge(limits.bought_today, limits.max_daily_purchases, "bought in 24 hours", count),
      gauge(limits.spent_today, limits.max_daily_spend, "spent in 24 hours", money),
      figure(limits.max_order_total === null ? "no cap" : money(limits.max_order_total), "for one order, at most"),
      figure(duration(limits.purchase_cooldown), limits.last_purchase_at ? ["between two; last ", since(limits.last_purchase_at)] : "between two"),
      figure(count(all.auto_purchase_watches), `${plural(all.auto_purchase_watches, "product")} may be bought`),
    );
    const more = h("div.row.end");
    const body = h("tbody", all.purchases.map(line));
    replace(book, h("h2", "The book"), all.purchases.length ? [listing(["When", "Product", "State", "Pieces#", "Total#", "Order", ""], body), more]
      : empty("No purchase yet. A product is bought only if its watch says so, test mode is off and the monitor was started live."));
    older(all.next, body, more);
  }

  /** @param {number | null} before @param {HTMLElement} body @param {HTMLElement} more */
  function older(before, body, more) {
    replace(more, before && action("Older", async () => {
      const page = await api.purchases({ before });
      body.append(...page.purchases.map(line));
      older(page.next, body, more);
    }));
  }

  /** @param {any} all */
  function stop(all) {
    if (all.emergency_stop) return action("Allow buying again", async () => {
      if (!(await confirmed("Allow buying again, within every other limit?", "Allow"))) return;
      await api.emergencyStop(false);
      await refresh();
      return "Buying is allowed again";
    });
    return action("Stop buying now", async () => { await api.emergencyStop(true); await refresh(); return "Nothing will be bought, whoever runs"; }, { kind: "danger" });
  }

  /** @param {any} one */
  function line(one) {
    return h("tr",
      h("td", since(one.created_at)),
      h("td", h("a.product-name", { href: `#/product/${one.retailer}/${encodeURIComponent(one.sku)}` }, one.title), one.group && h("div.why", `group ${one.group}`)),
      h("td", badge(one.state), one.live ? null : [" ", h("span.tag", "test")], h("div.why", one.reasons.join("; "))),
      h("td.number", count(one.quantity)),
      h("td.number", money(one.total ?? one.unit_price)),
      h("td.mono.small", one.order_number ?? "–"),
      h("td", h("div.row", h("button.small", { type: "button", onclick: () => entries(one) }, "Details"),
        one.state === "ambiguous" && h("button.small.danger", { type: "button", onclick: () => resolve(one) }, "Resolve"))),
    );
  }

  /** @param {any} one */
  function resolve(one) {
    const order = /** @type {HTMLInputElement} */ (h("input", { type: "text", autocomplete: "off" }));
    dialog("What became of this purchase?", (close) => {
      const answer = async (/** @type {boolean} */ placed) => {
        const said = await api.resolvePurchase(one.id, { placed, order_number: placed ? order.value.trim() || null : null });
        close();
        await refresh();
        return said.message;
      };
      return [
        h("p", `Nobody knows whether ${one.title} was ordered. Look into the order history of your account at ${retailerName(one.retailer)}, then say:`),
        h("label.field", "Order number, if there is one", order),
        h("div.row.end", action("No order was placed", () => answer(false)), action("It was placed", () => answer(true), { kind: "primary" })),
      ];
    });
  }

  for (const kind of ["purchase", "refresh", "config"]) live.on(kind, refresh, signal);
  await refresh();
}

/** @param {any} all */
function notes(all) {
  const found = [];
  if (all.emergency_stop) found.push(h("div.note.bad", { role: "alert" }, "The emergency stop is on: nothing is bought."));
  if (all.mode === "live") found.push(h("div.note.bad", "Live: products with “may be bought” are bought within the limits below."));
  else found.push(h("div.note.calm", all.test_mode ? "Test mode: the way to the last click is walked, nothing is bought." : "The monitor does not run live: nothing is bought."));
  if (all.unresolved) found.push(h("div.note", `${all.unresolved} ${plural(all.unresolved, "purchase is", "purchases are")} under way or unclear; the product is not tried again until that is settled.`));
  return found;
}

/** @param {any} one */
async function entries(one) {
  const body = h("div", "Loading…");
  dialog(`Purchase ${one.id}`, () => body, { wide: true });
  try {
    const whole = await api.purchase(one.id);
    replace(body, listing(["When", "State", "Facts"], h("tbody", whole.entries.map((/** @type {any} */ entry) => h("tr", h("td.nowrap", moment(entry.at)), h("td", badge(entry.after)),
        h("td.small.wrap", Object.entries(entry.facts).map(([name, value]) => `${sentence(name)}: ${value}`).join("; ")))))),
      whole.legs_ms.length ? h("p.small", whole.legs_ms.map(([name, ms]) => `${sentence(name)} ${Math.round(ms)} ms`).join(" · ")) : null);
  } catch (error) {
    replace(body, empty(error instanceof Error ? error.message : String(error)));
  }
}

/** @param {number} used @param {number | null} cap @param {string} name @param {(value: number) => string} text */
function gauge(used, cap, name, text) {
  const share = cap ? Math.min(100, (100 * used) / cap) : 0;
  return h("div.card.figure", h("div.value", text(used)), h("div.name", cap === null ? `${name}, no cap` : `${name}, of ${text(cap)}`),
    h("div.bar", { role: "meter", "aria-label": name, "aria-valuemin": "0", "aria-valuemax": String(cap ?? 0), "aria-valuenow": String(used), style: { "--done": `${share}%`, "--bar-color": share >= 100 ? "var(--error)" : "var(--running)" } }, h("span")));
}

/** @param {string} value @param {import("../dom.js").Child} name */
function figure(value, name) {
  return h("div.card.figure", h("div.value", value), h("div.name", name));
}
