// What the page makes of answers: a server's sentence, no answer, and half of one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../../../src/shopwatch/web/static/js/api.js";

globalThis.document = { querySelector: () => null };
const answering = (answer) => (globalThis.fetch = async () => answer);
const body = (text, init) => new Response(text, init);
const away = { status: 0, message: "Shopwatch does not answer: is it still running?" };

test("a refusal carries the server's own sentence", async () => {
  answering(body('{"message": "must be 0 or more", "errors": ["a", "b"]}', { status: 422 }));
  await assert.rejects(ask("GET", "/x"), { status: 422, message: "must be 0 or more", errors: ["a", "b"] });
  answering(body("<html>", { status: 502 }));
  await assert.rejects(ask("GET", "/x"), { status: 502, message: "HTTP 502" });
});

test("an answer that was cut off is none", async () => {
  answering(body('{"lines": [', { status: 200 }));
  await assert.rejects(ask("GET", "/x"), away);
  globalThis.fetch = async () => {
    throw new TypeError("network");
  };
  await assert.rejects(ask("GET", "/x"), away);
});

test("what a left view had asked ends without a word", async () => {
  const leaving = new AbortController();
  leaving.abort();
  answering(body("", { status: 200 }));
  await assert.rejects(ask("GET", "/x", undefined, leaving.signal), (error) => error.status === undefined);
});
