// @ts-check
/** The simulated checkout page of Target: closing a step, a security code, and the one click that buys. */
(() => {
  const page = document.body.dataset;
  const spinner = /** @type {HTMLElement} */ (document.getElementById("cartLoading"));

  /** @param {boolean} on */
  function spin(on) {
    spinner.dataset.visible = String(on);
    spinner.style.display = on ? "block" : "none";
  }

  /** @param {Response} answer */
  async function explain(answer) {
    const said = await answer.json().catch(() => ({}));
    const reason = answer.headers.get("tgt-cart-error-key");
    const code = said.alerts?.[0]?.code ?? said.code;
    if (answer.status === 429) {
      site.dialog(reason === "RESERVATION_FAILURE" ? "High-demand item in your cart." : "Checkout is busy right now",
        "Request throttled due to high demand item. Please try again.");
    } else if (code === "INVENTORY_UNAVAILABLE") {
      site.dialog("Something changed", "One or more items in your cart may no longer be available.");
    } else if (answer.status === 401) site.dialog("Sign in to your account", "Your session has ended.");
    else site.dialog("We couldn't complete your order", said.message ?? "Please try again.");
  }

  async function place() {
    spin(true);
    const body = { cart_type: "REGULAR", channel_id: "10" };
    const answer = await site.carts("POST", "/web_checkouts/v1/checkout?field_groups=ADDRESSES,CART_ITEMS", body);
    if (answer.ok && page.stays !== "true") {
      const order = (await answer.json()).orders[0];
      location.href = `/order-confirmation?orderId=${order.order_id}`;
      return;
    }
    spin(false);
    if (!answer.ok) await explain(answer);
  }

  function askCode() {
    const overlay = document.createElement("div");
    overlay.className = "ReactModal__Overlay";
    overlay.innerHTML = /** @type {HTMLTemplateElement} */ (document.getElementById("ask-code")).innerHTML;
    document.body.append(overlay);
  }

  /** @param {HTMLElement} button */
  async function confirmCode(button) {
    const asked = button.closest(".ReactModal__Overlay");
    const field = /** @type {HTMLInputElement | null} */ (asked?.querySelector("input"));
    if (!field || !/^\d{3,4}$/.test(field.value)) return;
    await site.carts("PUT", field.id === "enter-pin" ? "/simulator/steps/PIN"
      : "/checkout_payments/v1/payment_instructions/1", { cvv: "***" });
    asked?.remove();
    if (page.asks === "true") await place();
  }

  document.addEventListener("click", async (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    const test = button?.getAttribute("data-test") ?? "";
    if (!button) return;
    if (test === "placeOrderButton" && button.getAttribute("aria-disabled") !== "true") {
      if (page.asks === "true") askCode();
      else await place();
    } else if (test === "confirm-button") await confirmCode(button);
    else if (test.startsWith("save_and_continue_button_step_") || test === "verify-card-button") {
      await site.carts("PUT", `/simulator/steps/${test.replace("save_and_continue_button_step_", "").replace("verify-card-button", "PAYMENT")}`);
      location.reload();
    }
  });
})();
