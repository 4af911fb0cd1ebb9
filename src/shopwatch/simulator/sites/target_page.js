// @ts-check
/**
 * What the simulated product page of Target does by itself: asks for its stock as the real one does, shows
 * the buy box when it comes late, and puts the product into the cart on a click.
 */
(() => {
  const page = document.body.dataset;
  const buyBox = /** @type {HTMLElement} */ (document.getElementById("buybox"));
  const drawer = /** @type {HTMLElement} */ (document.querySelector('[data-test="@web/AddToCart/Drawer"]'));
  const words = { pickup: "orderPickupButton", delivery: "scheduledDeliveryButton", shipping: "shippingButton" };
  const visitor = visitorId();

  function visitorId() {
    const found = /(?:^|; )visitorId=([^;]+)/.exec(document.cookie);
    if (found) return found[1];
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const made = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
    document.cookie = `visitorId=${made}; path=/`;
    return made;
  }

  /** @param {string} name @param {Record<string, string>} query */
  function redsky(name, query) {
    const all = { key: page.key, ...query, visitor_id: visitor, channel: "WEB", page: `/p/A-${page.tcin}` };
    return fetch(`${page.api}/redsky_aggregations/v1/web/${name}?${new URLSearchParams(all)}`, {
      credentials: "include",
      headers: { accept: "application/json" },
    });
  }

  function askStock() {
    const store = page.store;
    return redsky("product_fulfillment_and_variation_hierarchy_v1", {
      required_store_id: store, latitude: "39.030", longitude: "-77.490", scheduled_delivery_store_id: store,
      state: "VA", zip: "20147", store_id: store, paid_membership: "false", base_membership: "false",
      card_membership: "false", is_bot: "false", tcin: page.tcin,
    });
  }

  function askPrice() {
    return redsky("pdp_client_v1", {
      tcin: page.tcin, is_bot: "false", store_id: page.store, pricing_store_id: page.store,
      has_pricing_store_id: "true", has_financing_options: "true", include_obsolete: "false",
      skip_personalized: "true", skip_variation_hierarchy: "true",
    });
  }

  /** @param {string} type */
  function askModule(type) {
    const query = { auth: "true", tcin: page.tcin, channel: "WEB", page: `/p/A-${page.tcin}`, visitor_id: visitor };
    const body = {
      page_context: window.__CONFIG__.page_context,
      modules: [{ module_placement_id: type, module_type: type, enrichment_context: window.__CONFIG__.page_context }],
    };
    const path = "/cdui_orchestrations/v1/pages/pdp/deferred_enrichment/modules";
    return fetch(`${path}?${new URLSearchParams({ ...query, key: page.key })}`, {
      method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" },
    });
  }

  async function hydrate() {
    const answer = await fetch(`/simulator/buybox/${page.tcin}`);
    if (answer.ok) buyBox.innerHTML = await answer.text();
    document.body.dataset.hydrated = "true";
  }

  async function start() {
    if (page.mode === "cdui") {
      const stock = await askModule("ProductDetailWebDatasourceFulfillmentAndVariations");
      await askModule("ProductDetailWebDatasourceWithStore");
      if (stock.ok) await hydrate();
    } else if (page.mode !== "skeleton") {
      await Promise.all([askStock(), askPrice()]);
      if (page.mode === "slow") setTimeout(hydrate, Number(page.hydrateMs));
    }
  }

  /** @param {HTMLElement} chosen */
  function select(chosen) {
    for (const cell of buyBox.querySelectorAll('[data-test^="fulfillment-cell-"]')) {
      const label = cell.getAttribute("aria-label") ?? "";
      const state = cell === chosen ? " - selected - " : " - unselected - ";
      cell.setAttribute("aria-label", label.replace(/ - (un)?selected - /, state));
    }
    const kind = (chosen.dataset.test ?? "").replace("fulfillment-cell-", "");
    const none = (chosen.getAttribute("aria-label") ?? "").endsWith("Not available");
    for (const button of buyBox.querySelectorAll(`[id="addToCartButtonOrTextIdFor${page.tcin}"]`)) {
      if (button.getAttribute("data-test") === "preorderButton") continue;
      button.setAttribute("data-test", none ? "showInStockPrimaryButton" : words[kind]);
      button.textContent = none ? "Show in-stock stores" : "Add to cart";
    }
  }

  /** @param {string} tcin */
  async function add(tcin) {
    const query = new URLSearchParams({ field_groups: "CART,CART_ITEMS,SUMMARY", key: page.key });
    const line = { item_channel_id: "10", tcin, quantity: 1 };
    try {
      const answer = await fetch(`${page.carts}/web_checkouts/v1/cart_items?${query}`, {
        method: "POST",
        credentials: "include",
        headers: { accept: "application/json", "content-type": "application/json", "x-application-name": "web" },
        body: JSON.stringify({ cart_item: line, cart_type: "REGULAR", channel_id: "10", shopping_context: "DIGITAL" }),
      });
      if (answer.status !== 201) throw new Error(`the cart said ${answer.status}`);
      const item = await answer.json();
      showCart(item.total_cart_item_quantity);
      showDrawer("Added to cart", '<div data-test="addToCartSuccess"></div><a href="/cart">View cart & check out</a>');
    } catch {
      showDrawer("Item not added to cart", '<div data-test="errorContent">There was a problem adding the item.</div>' +
        '<a data-test="errorContent-viewCartButton" href="/cart">View cart & check out</a>' +
        '<button data-test="errorContent-continueShoppingButton">Continue shopping</button>');
    }
  }

  /** @param {number} count */
  function showCart(count) {
    document.querySelector('[data-test="@web/CartLink"]')?.setAttribute("aria-label", `cart ${count} items`);
    const badge = document.querySelector('[data-test="@web/CartLinkQuantity"]');
    if (badge) badge.textContent = count ? String(count) : "";
  }

  /** @param {string} heading @param {string} content */
  function showDrawer(heading, content) {
    drawer.innerHTML = `<h2 data-test="modal-drawer-heading">${heading}</h2>${content}`;
    drawer.hidden = false;
    const announcer = document.getElementById("announcer");
    if (announcer) announcer.textContent = heading;
  }

  async function askCart() {
    const query = new URLSearchParams({
      cart_type: "REGULAR", field_groups: "ADDRESSES,CART_ITEMS,SUMMARY", key: page.key ?? "",
      client_feature: "add_to_cart",
    });
    const headers = { accept: "application/json", "x-application-name": "web" };
    const answer = await fetch(`${page.carts}/web_checkouts/v1/cart?${query}`, { credentials: "include", headers });
    if (answer.status === 200) showCart((await answer.json()).summary.items_quantity);
  }

  document.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const cell = target.closest('[data-test^="fulfillment-cell-"]');
    const button = target.closest('button[id^="addToCartButtonOrTextIdFor"]');
    if (cell) select(/** @type {HTMLElement} */ (cell));
    else if (button && button.getAttribute("data-test") !== "showInStockPrimaryButton") {
      add(button.id.replace("addToCartButtonOrTextIdFor", ""));
    } else if (target.closest('[data-test="healthFlagModalAcceptButton"], [data-test$="continueShoppingButton"]')) {
      const dialog = /** @type {HTMLElement} */ (target.closest('[role="dialog"]'));
      dialog.hidden = true;
    }
  });

  // A refused answer is nothing the page complains about; the console shows the status.
  start().catch(() => undefined);
  askCart().catch(() => undefined);
})();
