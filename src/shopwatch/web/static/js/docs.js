// @ts-check
/** The HTTP API for people, drawn from /openapi.json: no library of another site may run here. */

import { ask } from "./api.js";
import { h, replace } from "./dom.js";
import { empty } from "./parts.js";

const main = /** @type {HTMLElement} */ (document.getElementById("main"));

/** @param {any} document */
function draw(document) {
  /** @type {Map<string, HTMLElement[]>} */
  const groups = new Map();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, one] of Object.entries(methods)) {
      const name = one.tags?.[0] ?? "other";
      groups.set(name, [...(groups.get(name) ?? []), operation(method.toUpperCase(), path, one, document)]);
    }
  }
  replace(main, h("div.view",
    h("div.heading", h("h1", `${document.info.title} ${document.info.version}: HTTP API`), h("div.row", h("a.button", { href: "/" }, "Dashboard"), h("a.button", { href: "/openapi.json" }, "OpenAPI document"))),
    h("div.card", h("p", document.info.description), h("p.small.quiet-text", "GET /api/events is a stream of server-sent events; Last-Event-ID resumes it.")),
    [...groups].map(([name, operations]) => h("section.card", h("h2", name), operations)),
  ));
}

/** @param {string} method @param {string} path @param {any} one @param {any} document */
function operation(method, path, one, document) {
  const parameters = one.parameters ?? [];
  const body = one.requestBody?.content?.["application/json"]?.schema;
  const good = Object.keys(one.responses).filter((code) => code < "400").join(", ");
  return h("details", h("summary", h("code.mono", h("strong", method), ` ${path}`), " ", h("span.quiet-text", one.summary ?? "")),
    one.description && h("p", one.description),
    parameters.length ? h("ul", parameters.map((/** @type {any} */ p) => h("li", h("code.mono", p.name), ` (${p.in}${p.required ? ", required" : ""}) ${words(p.schema, document)}`))) : null,
    body && h("pre.evidence", { tabIndex: 0 }, JSON.stringify(resolved(body, document, 0), null, 2)),
    h("p.small.quiet-text", `Answers ${good}; errors as {"status": "error", "message", "errors"}.`),
  );
}

/** @param {any} schema @param {any} document */
function words(schema, document) {
  const text = JSON.stringify(resolved(schema ?? {}, document, 0));
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** A schema with its references filled in, titles left out. @param {any} schema @param {any} document @param {number} depth @returns {any} */
function resolved(schema, document, depth) {
  if (Array.isArray(schema)) return schema.map((one) => resolved(one, document, depth));
  if (schema === null || typeof schema !== "object" || depth > 6) return schema;
  const name = schema.$ref?.split("/").at(-1);
  if (name) return resolved(document.components.schemas[name], document, depth + 1);
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "title").map(([key, value]) => [key, resolved(value, document, depth + 1)]));
}

ask("GET", "/openapi.json").then(draw).catch((error) => replace(main, empty(error.message)));
