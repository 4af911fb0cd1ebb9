// Whether what is shown is as fresh as the page says: a stream that has gone silent is a lost one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Live } from "../../../src/shopwatch/web/static/js/live.js";

const OPEN = [];
globalThis.EventSource = class extends EventTarget {
  constructor() {
    super();
    OPEN.push(this);
  }
  close() {
    this.closed = true;
  }
  tell(kind) {
    this.dispatchEvent(new MessageEvent(kind, { data: "{}" }));
  }
};
globalThis.document = { hidden: false };

function listening() {
  const live = new Live(1_000_000);
  live.open();
  OPEN.at(-1).tell("hello");
  return live;
}

test("a page is live from the first word it hears", () => {
  const live = new Live(1_000_000);
  live.open();
  assert.equal(live.connected, false);
  OPEN.at(-1).tell("hello");
  assert.equal(live.connected, true);
});

test("a silent stream is a lost one, and another is opened", () => {
  const live = listening();
  const first = OPEN.at(-1);
  live.listen(live.lastHeard + 39_000);
  assert.equal(live.connected, true);
  live.listen(live.lastHeard + 41_000);
  assert.deepEqual([live.connected, first.closed, OPEN.at(-1) === first], [false, true, false]);
  clearInterval(live.polling);
});

test("who comes back asks for everything once", () => {
  const live = listening();
  let asked = 0;
  live.addEventListener("refresh", () => (asked += 1));
  live.lost();
  OPEN.at(-1).tell("beat");
  OPEN.at(-1).tell("beat");
  clearInterval(live.polling);
  assert.deepEqual([live.connected, asked], [true, 1]);
});

test("another stream does not know what the one before has told: all is asked for once", () => {
  const live = listening();
  let asked = 0;
  live.addEventListener("refresh", () => (asked += 1));
  live.open(); // the network is back
  OPEN.at(-1).tell("hello");
  OPEN.at(-1).tell("beat");
  clearInterval(live.polling);
  assert.deepEqual([live.connected, asked], [true, 1]);
});
