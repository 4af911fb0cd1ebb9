// @ts-check
/** The files as they were: compared with what is there now, and taken back byte for byte. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { moment, size } from "../format.js";
import { action, confirmed, dialog, empty, listing } from "../parts.js";
import { differenceTable } from "./settings_preview.js";

/** @param {() => Promise<any>} changed */
export async function backups(changed) {
  const { backups: all } = await api.backups();
  if (!all.length) return h("div.card", empty("No backup yet: each save keeps the file before it, the last five of each."));
  return h("div.card.settings", h("h2", "Backups"), h("p.small.quiet-text", "The last five of each file. Taking one back makes a backup of the present file first."), listing(["File", "Until", "Size#", ""], h("tbody", all.map((/** @type {any} */ one) => h("tr",
      h("td", one.file, h("div.why.mono", one.name)), h("td", moment(one.saved_at)), h("td.number", size(one.bytes)),
      h("td", h("div.row.end", h("button.small", { type: "button", onclick: () => difference(one) }, "Compare"), action("Roll back", () => back(one, changed), { label: `Roll back to ${one.name}` }))))))));
}

/** @param {any} one */
function difference(one) {
  const body = h("div", "Loading…");
  dialog(`From ${one.name} to now`, () => body, { wide: true });
  api.backupDiff(one.name).then((said) => replace(body, differenceTable(said.differences))).catch((error) => replace(body, empty(error.message)));
}

/** @param {any} one @param {() => Promise<any>} changed */
async function back(one, changed) {
  if (!(await confirmed(`Make ${one.file} what it was until ${moment(one.saved_at)}?`, "Roll back"))) return;
  const said = await api.rollback(one.name);
  await changed();
  return said.message;
}
