// @ts-check
/** Several watches at once: pause, resume, tag, priority, alerts, remove. */

import { api } from "../api.js";
import { h, write } from "../dom.js";
import { count, plural, sentence } from "../format.js";
import { action, complain, dialog, toast } from "../parts.js";
import { remove as removeWatches } from "./removal.js";
import { ends } from "./snooze.js";

/**
 * @param {{ rows: () => Map<string, any>, changed: () => Promise<void>, all: HTMLInputElement }} parts
 */
export function selection({ rows, changed, all }) {
  /** @type {Set<string>} */
  const chosen = new Set();
  const says = h("span", { role: "status" });
  const bar = h("div.card.bulk.row", { hidden: true, role: "toolbar", "aria-label": "Selected products" },
    says,
    action("Pause", () => change({ enabled: false })),
    action("Resume", () => change({ enabled: null })),
    chooser("Priority", () => ["critical", "high", "normal", "low"].map((one) => [sentence(one), { priority: one }])),
    chooser("Alerts", () => [
      ["Told", { muted: null, snoozed_until: null }], ["Muted", { muted: true }],
      ...ends(Date.now()).map(([end, name]) => /** @type {[string, object]} */ ([`Snoozed ${name.toLowerCase()}`, { snoozed_until: end }])),
    ]),
    action("Tag", tag),
    action("Remove", remove, { kind: "danger" }),
    h("button.quiet", { type: "button", onclick: clear }, "Clear"),
  );

  /** @param {string} name @param {() => [string, object][]} choices what each is called, and sets */
  function chooser(name, choices) {
    const pick = /** @type {HTMLSelectElement} */ (h("select", { "aria-label": `${name} of the selected` },
      h("option", { value: "" }, `${name}…`), choices().map(([text]) => h("option", text))));
    pick.addEventListener("change", async () => {
      const settings = choices().find(([text]) => text === pick.value)?.[1];
      pick.value = "";
      if (!settings) return;
      try {
        toast(await change(settings), "good");
      } catch (error) {
        complain(error);
      }
    });
    return pick;
  }

  const keys = () => [...chosen].map((key) => [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)]);

  /** @param {object} settings @param {object} [more] */
  async function change(settings, more = {}) {
    const said = await api.changeWatches(keys(), settings, more);
    await changed();
    return `${count(said.changed)} ${plural(said.changed, "product")} changed`;
  }

  function tag() {
    return new Promise((resolve) => {
      const input = /** @type {HTMLInputElement} */ (h("input", { type: "text", placeholder: "games, gifts" }));
      dialog("Tags", (close) => [
        h("label.field", "Tags, separated by commas", input),
        h("div.row.end",
          action("Take away", () => apply("remove_tags", close)),
          action("Add", () => apply("add_tags", close), { kind: "primary" })),
      ], { onclose: () => resolve(undefined) });
      input.focus();
      /** @param {string} name @param {() => void} close */
      async function apply(name, close) {
        const tags = input.value.split(",").map((one) => one.trim()).filter(Boolean);
        if (!tags.length) return;
        const said = await change({}, { [name]: tags });
        close();
        return said;
      }
    });
  }

  async function remove() {
    await removeWatches(keys(), rows().get([...chosen][0])?.watch.title ?? "");
    clear();
    await changed();
  }

  function clear() {
    chosen.clear();
    drawn();
  }

  /** @param {string} key @param {boolean} on */
  function select(key, on) {
    if (on) chosen.add(key);
    else chosen.delete(key);
    drawn();
  }

  function drawn() {
    for (const key of chosen) if (!rows().has(key)) chosen.delete(key);
    bar.hidden = chosen.size === 0;
    write(says, `${chosen.size} selected`);
    for (const [key, row] of rows()) row.select(chosen.has(key));
    all.checked = chosen.size > 0 && chosen.size === rows().size;
    all.indeterminate = chosen.size > 0 && chosen.size < rows().size;
  }

  all.addEventListener("change", () => {
    if (all.checked) for (const key of rows().keys()) chosen.add(key);
    else chosen.clear();
    drawn();
  });
  return { bar, select, drawn, size: () => chosen.size, toggle: (/** @type {string} */ key) => select(key, !chosen.has(key)) };
}
