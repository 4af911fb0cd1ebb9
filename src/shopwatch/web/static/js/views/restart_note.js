// @ts-check
/** Settings that count only from the monitor's next start: said where they are changed and where it is looked after. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { action } from "../parts.js";
import { TABS } from "./settings_fields.js";

/** @param {string} name */
const labelOf = (name) => TABS.watching.parts[0].fields.find((one) => one.name === name)?.label ?? name;

/** @param {() => Promise<void>} restarted */
export function restartNote(restarted) {
  const root = h("div", { role: "status" });
  let shown = "";
  const restart = action("Restart the monitor", async () => {
    const said = await api.restartMonitor();
    await restarted();
    return said.message;
  }, { kind: "small", title: "It ends what it has in hand, then starts again in the same mode" });

  /** @param {string[]} settings */
  function update(settings) {
    if (settings.join() === shown) return;
    shown = settings.join();
    replace(root, settings.length ? h("div.note.row.apart",
      h("span", h("strong", "Saved, but the monitor runs with the values before: "), settings.map(labelOf).join("; ")), restart) : null);
  }
  return { root, update };
}
