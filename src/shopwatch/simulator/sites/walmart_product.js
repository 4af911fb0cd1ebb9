// @ts-check
/** What the simulated product page of Walmart does by itself: puts the buy box where the skeleton stands. */
(() => {
  const place = document.getElementById("buybox");
  const page = place?.dataset;
  if (!place || !page || page.mode === "skeleton") return;

  async function hydrate() {
    const answer = await fetch(`/simulator/buybox/${page?.product}`);
    if (answer.ok && place) place.innerHTML = await answer.text();
    document.body.dataset.hydrated = "true";
  }

  place.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest('[data-automation-id="atc"]');
    if (button) button.textContent = "Added";
  });
  setTimeout(hydrate, page.mode === "slow" ? Number(page.hydrateMs) : 0);
})();
