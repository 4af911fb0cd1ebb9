// @ts-check
/** Settings: every setting as a form, both files as text, and the way back. */

import { api } from "../api.js";
import { h, replace } from "../dom.js";
import { complain, loading } from "../parts.js";
import { backups } from "./settings_backups.js";
import { restartNote } from "./restart_note.js";
import { editor } from "./settings_editor.js";
import { TABS } from "./settings_fields.js";
import { formTab } from "./settings_form.js";

/** A running monitor reads its files within a second and says so within another. */
const TAKEN_OVER_MS = 2_500;
const LOOK_MS = 5_000;

/** @param {HTMLElement} root @param {import("../main.js").Context} context */
export async function show(root, { live, signal, path, title }) {
  title("Settings");
  const names = { ...Object.fromEntries(Object.entries(TABS).map(([id, tab]) => [id, tab.name])), files: "Files", backups: "Backups" };
  const current = path[0] && path[0] in names ? path[0] : "watching";
  const waiting = restartNote(look);
  const panel = h("section", { role: "tabpanel", "aria-label": names[/** @type {"files"} */ (current)] });
  replace(root,
    h("div.heading", h("h1", "Settings")),
    h("nav.subtabs", { "aria-label": "Settings" }, Object.entries(names).map(([id, name]) =>
      h("a", { href: `#/settings/${id}`, "aria-current": id === current ? "page" : undefined }, name))),
    waiting.root,
    panel,
  );

  async function look() {
    const monitor = await api.monitor().catch(() => null);
    if (monitor && !signal.aborted) waiting.update(monitor);
  }

  replace(panel, h("div.card", loading()));
  async function draw() {
    try {
      if (current === "backups") return replace(panel, await backups(draw));
      const config = await api.config();
      if (signal.aborted) return;
      replace(panel, current === "files" ? editor(config, draw) : formTab(TABS[current], config, draw));
    } catch (error) {
      complain(error);
    }
  }

  // A form under someone's hands is not taken away: a save against a changed file says so by itself.
  live.on("config", () => current === "backups" && draw(), signal);
  let due = 0;
  live.on("config", () => { clearTimeout(due); due = window.setTimeout(look, TAKEN_OVER_MS); }, signal);
  const timer = setInterval(() => !document.hidden && look(), LOOK_MS);
  signal.addEventListener("abort", () => { clearTimeout(due); clearInterval(timer); });
  await Promise.all([draw(), look()]);
}
