// @ts-check
/**
 * What happens, as it happens: server-sent events, resumed by the browser; where a stream cannot be held,
 * the page is told to look again every few seconds.
 */

/** Of a silent stream the server says every 15 s that it is still there: what is silent for longer has gone unnoticed. */
const SILENT_MS = 40_000;
const LISTEN_MS = 5_000;
const KINDS = ["hello", "beat", "stale", "stock", "check", "run", "health", "config", "purchase", "alert", "process", "watches"];

/** @typedef {{ kind: string, data: any }} LiveEvent */

export class Live extends EventTarget {
  /** @param {number} interval milliseconds between looks while there is no stream */
  constructor(interval) {
    super();
    this.interval = interval;
    this.lastHeard = 0;
    this.connected = false;
    /** @type {EventSource | null} */
    this.source = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.polling = undefined;
  }

  start() {
    this.open();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.connected) this.open();
    });
    window.addEventListener("offline", () => this.lost());
    window.addEventListener("online", () => this.open());
    setInterval(() => this.listen(Date.now()), LISTEN_MS);
  }

  /** A network that is gone, or a server that stands still, ends no stream. @param {number} now */
  listen(now) {
    if (!this.connected || now - this.lastHeard < SILENT_MS) return;
    this.lost();
    this.open();
  }

  lost() {
    this.connected = false;
    this.say("connection", { connected: false });
    this.poll();
  }

  open() {
    this.source?.close();
    this.connected = false; // what happens in between nobody tells: the first word asks for everything
    const source = new EventSource("/api/events");
    this.source = source;
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => this.heard(kind, /** @type {MessageEvent} */ (event)));
    }
    this.poll(); // until it says something
    source.onerror = () => {
      this.lost();
      // A refused connection is not tried again by the browser itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.source === source && this.open(), this.interval);
    };
  }

  /** There is a stream: known by what comes, for what lets one begin may hold all of it back. */
  joined() {
    const wasAway = this.lastHeard > 0;
    this.connected = true;
    clearInterval(this.polling);
    this.polling = undefined;
    this.say("connection", { connected: true });
    if (wasAway) this.say("refresh", {});
  }

  poll() {
    this.polling ??= setInterval(() => !document.hidden && this.say("refresh", {}), this.interval);
  }

  /** @param {string} kind @param {MessageEvent} event */
  heard(kind, event) {
    if (!this.connected) this.joined();
    this.lastHeard = Date.now();
    if (kind === "stale") this.say("refresh", {});
    else this.say(kind, JSON.parse(event.data));
  }

  /** @param {string} kind @param {any} data */
  say(kind, data) {
    this.dispatchEvent(new CustomEvent(kind, { detail: data }));
  }

  /**
   * Listen while a view is shown.
   * @param {string} kind
   * @param {(data: any) => void} listener
   * @param {AbortSignal} signal
   */
  on(kind, listener, signal) {
    this.addEventListener(kind, (event) => listener(/** @type {CustomEvent} */ (event).detail), { signal });
  }
}
