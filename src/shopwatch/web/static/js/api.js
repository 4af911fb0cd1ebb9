// @ts-check
/** The server's addresses as functions; an error carries the server's own sentence. */

/** An answer that is not here by then is not awaited. */
const LATE_MS = 30_000;
const AWAY = "Shopwatch does not answer: is it still running?";
const HELD_MS = 3_000;
const LOOK_MS = 50;

export class ApiError extends Error {
  /**
   * @param {number} status 0: the server was not reached
   * @param {string} message
   * @param {string[]} errors
   * @param {{ path: string, message: string, line: number | null }[]} problems
   */
  constructor(status, message, errors = [], problems = []) {
    super(message);
    this.status = status;
    this.errors = errors;
    this.problems = problems;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function ask(method, path, body, signal) {
  /** @type {RequestInit} */
  const init = { method, signal: signal ?? (method === "GET" ? AbortSignal.timeout(LATE_MS) : null), headers: { accept: "application/json" } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, "content-type": "application/json" };
  }
  let response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, AWAY);
  }
  const answer = await response.json().catch((error) => {
    if (signal?.aborted) throw error;
    if (response.ok) throw new ApiError(0, AWAY); // cut off on its way: no half of it is drawn
    return {};
  });
  if (!response.ok) {
    const message = answer.message ?? `HTTP ${response.status}`;
    throw new ApiError(response.status, message, answer.errors ?? [], answer.problems ?? []);
  }
  if (method === "GET") await released(); // it will be drawn
  return answer;
}

/** Until nothing is held down: what is drawn anew under a finger would never be clicked. */
async function released() {
  for (let looks = HELD_MS / LOOK_MS; looks > 0 && document.querySelector(":is(button, a):active"); looks -= 1) {
    await new Promise((go) => setTimeout(go, LOOK_MS));
  }
}

/** @param {Record<string, unknown>} query */
function search(query) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") words.set(name, String(value));
  }
  const text = words.toString();
  return text ? `?${text}` : "";
}

const part = encodeURIComponent;

export const api = {
  status: () => ask("GET", "/api/status"),
  /** @param {string} retailer @param {object} [config] */
  start: (retailer, config = {}) => ask("POST", "/api/scraper/start", { retailer, config }),
  /** @param {string} retailer */
  stop: (retailer) => ask("POST", "/api/scraper/stop", { retailer }),
  /** @param {string} retailer @param {Record<string, unknown>} [query] */
  runs: (retailer, query = {}) => ask("GET", `/api/runs/${part(retailer)}${search(query)}`),
  /** @param {string} retailer @param {string} id */
  run: (retailer, id) => ask("GET", `/api/runs/${part(retailer)}/${part(id)}`),
  /** @param {string} retailer @param {string} id */
  throughput: (retailer, id) => ask("GET", `/api/runs/${part(retailer)}/${part(id)}/throughput`),
  /** @param {string} id */
  accept: (id) => ask("POST", `/api/runs/${part(id)}/accept`, {}),
  /** @param {string} retailer @param {string} id @param {Record<string, unknown>} query @param {AbortSignal} [signal] */
  log: (retailer, id, query, signal) =>
    ask("GET", `/api/logs/${part(retailer)}/${part(id)}${search(query)}`, undefined, signal),
  config: () => ask("GET", "/api/config"),
  /** @param {object} body */
  saveConfig: (body) => ask("POST", "/api/config", body),
  /** @param {object} body */
  previewConfig: (body) => ask("POST", "/api/config/preview", body),
  backups: () => ask("GET", "/api/config/backups"),
  /** @param {string} name */
  backupDiff: (name) => ask("GET", `/api/config/backups/${part(name)}/diff`),
  /** @param {string} backup */
  rollback: (backup) => ask("POST", "/api/config/rollback", { backup }),
  /** @param {string} retailer @param {Record<string, unknown>} [query] */
  stores: (retailer, query = {}) => ask("GET", `/api/stores/${part(retailer)}${search(query)}`),
  /** @param {string} retailer */
  points: (retailer) => ask("GET", `/api/stores/${part(retailer)}/points`),
  /** @param {string} retailer @param {Record<string, unknown>} [query] */
  changes: (retailer, query = {}) => ask("GET", `/api/stores/${part(retailer)}/changes${search(query)}`),
  /** @param {Record<string, unknown>} query */
  near: (query) => ask("GET", `/api/stores/near${search(query)}`),
  monitor: () => ask("GET", "/api/monitor"),
  /** @param {object} [options] */
  startMonitor: (options = {}) => ask("POST", "/api/monitor/start", options),
  stopMonitor: () => ask("POST", "/api/monitor/stop", {}),
  restartMonitor: () => ask("POST", "/api/monitor/restart", {}),
  reloadMonitor: () => ask("POST", "/api/monitor/reload", {}),
  /** @param {string} retailer */
  unpause: (retailer) => ask("POST", "/api/monitor/unpause", { retailer }),
  /** @param {Record<string, unknown>} [query] */
  watches: (query = {}) => ask("GET", `/api/watches${search(query)}`),
  /** @param {object} body */
  addWatch: (body) => ask("POST", "/api/watches", body),
  /** @param {string} text */
  previewWatch: (text) => ask("POST", "/api/watches/preview", { text }),
  /** @param {string} retailer @param {string} sku */
  watch: (retailer, sku) => ask("GET", `/api/watches/${part(retailer)}/${part(sku)}`),
  /** @param {string} retailer @param {string} sku @param {object} settings */
  changeWatch: (retailer, sku, settings) => ask("PATCH", `/api/watches/${part(retailer)}/${part(sku)}`, settings),
  /** @param {URLSearchParams} words */
  watchesByKey: (words) => ask("GET", `/api/watches?${words}`),
  /** @param {string[][]} keys @param {object} settings @param {object} [more] */
  changeWatches: (keys, settings, more = {}) => ask("PATCH", "/api/watches", { keys, settings, ...more }),
  /** @param {string[][]} keys */
  removeWatches: (keys) => ask("DELETE", "/api/watches", { keys }),
  /** @param {string} retailer @param {string} sku */
  checkNow: (retailer, sku) => ask("POST", `/api/watches/${part(retailer)}/${part(sku)}/check`, {}),
  /** @param {string} retailer @param {string} sku @param {number} days */
  history: (retailer, sku, days) =>
    ask("GET", `/api/watches/${part(retailer)}/${part(sku)}/history${search({ days })}`),
  /** @param {object} body */
  importWatches: (body) => ask("POST", "/api/watches/import", body),
  /** @param {Record<string, unknown>} [query] */
  restocks: (query = {}) => ask("GET", `/api/restocks${search(query)}`),
  /** @param {number} id */
  restock: (id) => ask("GET", `/api/restocks/${id}`),
  /** @param {Record<string, unknown>} [query] */
  purchases: (query = {}) => ask("GET", `/api/purchases${search(query)}`),
  /** @param {number} id */
  purchase: (id) => ask("GET", `/api/purchases/${id}`),
  /** @param {number} id @param {object} answer */
  resolvePurchase: (id, answer) => ask("POST", `/api/purchases/${id}/resolve`, answer),
  /** @param {boolean} on */
  emergencyStop: (on) => ask(on ? "PUT" : "DELETE", "/api/emergency-stop"),
  /** @param {Record<string, unknown>} [query] */
  outbox: (query = {}) => ask("GET", `/api/outbox${search(query)}`),
  /** @param {number} id */
  resend: (id) => ask("POST", `/api/outbox/${id}/resend`, {}),
  testAlert: () => ask("POST", "/api/notify/test", {}),
  drill: () => ask("POST", "/api/drill", {}),
};
