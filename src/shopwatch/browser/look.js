/**
 * Watches the elements a probe names until the page has come to rest, and tells what they look like.
 * Runs inside the page; reads it and touches nothing.
 * @param {{ selectors: Record<string, string>, ready: string, button: string, challenge: string,
 *   steadyMs: number, settleMs: number, longestMs: number }} wanted
 */
(wanted) => {
  const MOST = 5; // elements of one selector
  const TICK_MS = 25;
  const KEPT = ["id", "data-test", "data-testid", "data-button-state", "data-automation-id", "aria-label", "href"];

  function look(element) {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const attributes = {};
    for (const name of KEPT) {
      const value = element.getAttribute(name);
      if (value !== null) attributes[name] = value.slice(0, 300);
    }
    return {
      text: (element.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, 300),
      enabled: !element.disabled && element.getAttribute("aria-disabled") !== "true",
      visible: box.width > 0 && box.height > 0 && style.visibility !== "hidden" && style.display !== "none",
      attributes,
    };
  }

  function lookAll() {
    const seen = {};
    for (const [name, selector] of Object.entries(wanted.selectors)) {
      const found = [...document.querySelectorAll(selector)].slice(0, MOST);
      seen[name] = found.map(look);
    }
    return seen;
  }

  return new Promise((resolve) => {
    const started = performance.now();
    let last = "";
    let since = started;

    function tick() {
      const now = performance.now();
      const elements = lookAll();
      const text = JSON.stringify(elements);
      if (text !== last) [last, since] = [text, now];
      const challenged = document.querySelector(wanted.challenge) !== null;
      const steady = now - since;
      const usable = elements[wanted.button].some((one) => one.enabled && one.visible);
      const settled = (usable && steady >= wanted.steadyMs) ||
        (elements[wanted.ready].length > 0 && steady >= wanted.settleMs);
      if (settled || challenged || now - started >= wanted.longestMs) {
        clearInterval(timer);
        resolve({ elements, settled, challenged, title: document.title, url: location.href });
      }
    }

    const timer = setInterval(tick, TICK_MS);
    tick();
  });
};
