// @ts-check
/** What is saved but not in force: refused, or waiting for the monitor's next start. Said where settings are changed and where it is looked after. */

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

  /** @param {{ restart_needed: string[], config_refused: string[] }} monitor */
  function update({ restart_needed: settings, config_refused: refused }) {
    const wanted = JSON.stringify([settings, refused]);
    if (wanted === shown) return;
    shown = wanted;
    replace(root,
      refused.length ? h("div.note.bad", h("strong", "The configuration on disk is not valid; what was in force stays: "), refused.join("; ")) : null,
      settings.length ? h("div.note.row.apart",
        h("span", h("strong", "Saved, but the monitor runs with the values before: "), settings.map(labelOf).join("; ")), restart) : null);
  }
  return { root, update };
}
