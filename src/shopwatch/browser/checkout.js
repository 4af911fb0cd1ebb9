// Waits until the checkout page is ready, or is surely something else; a page in between is neither.
(wanted) => new Promise((resolve) => {
  const STABLE_MS = 1500;
  const seen = (selector) => [...document.querySelectorAll(selector)].find((one) => one.getClientRects().length > 0);
  const words = (pattern) => new RegExp(pattern, "i").test(document.body ? document.body.innerText : "");
  const text = (selector) => { const one = seen(selector); return one ? one.innerText : ""; };
  const look = () => {
    for (const [asked, selector] of Object.entries(wanted.handOver)) if (seen(selector)) return `person:${asked}`;
    if (words(wanted.handOverWords)) return "person:a confirmation";
    if (words(wanted.busyWords)) return "busy";
    if (seen(wanted.loading)) return "loading";
    if (words(wanted.goneWords)) return "gone";
    if (words(wanted.brokenWords)) return "broken";
    if (seen(wanted.stepOpen)) return "step";
    const button = seen(wanted.place);
    if (!button) return "loading";
    const usable = !button.disabled && button.getAttribute("aria-disabled") !== "true";
    return usable ? "ready" : "disabled";
  };
  const begun = performance.now();
  let state = "loading", since = begun;
  const tick = () => {
    const now = performance.now(), shown = look();
    if (shown !== state) { state = shown; since = now; }
    const sure = state !== "loading" && now - since >= STABLE_MS;
    if (state === "ready" || sure || now - begun >= wanted.longestMs) {
      const reading = { total: text(wanted.total), ship_to: text(wanted.shipTo), card: text(wanted.card) };
      return resolve({ state, reading });
    }
    setTimeout(tick, 50);
  };
  tick();
})
