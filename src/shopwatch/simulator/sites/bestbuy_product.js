// @ts-check
/** What the simulated product page of Best Buy does by itself: the buy box that comes late, and the click. */
(() => {
  const place = document.getElementById("buybox");
  const page = place?.dataset;
  if (!place || !page) return;

  async function hydrate() {
    const answer = await fetch(`/simulator/buybox/${page?.product}`);
    if (answer.ok && place) place.innerHTML = await answer.text();
    document.body.dataset.hydrated = "true";
  }

  place.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest('[data-button-state="ADD_TO_CART"]');
    if (button) button.textContent = "Added to cart";
  });
  if (page.mode === "slow") setTimeout(hydrate, Number(page.hydrateMs));
})();
