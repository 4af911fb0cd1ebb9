// @ts-check
/** What all simulated pages of Target behind the product page share: the visitor's id, the cart host, dialogs. */
const site = (() => {
  const page = document.body.dataset;
  if (!/(?:^|; )visitorId=/.test(document.cookie)) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const made = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
    document.cookie = `visitorId=${made}; path=/`;
  }

  /** @param {string} method @param {string} path @param {object} [body] */
  function carts(method, path, body) {
    const glue = path.includes("?") ? "&" : "?";
    return fetch(`${page.carts}${path}${glue}key=${page.key}`, {
      method,
      credentials: "include",
      headers: { accept: "application/json", "content-type": "application/json", "x-application-name": "web" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** @param {string} heading @param {string} text */
  function dialog(heading, text) {
    document.querySelector(".ReactModal__Overlay")?.remove();
    const overlay = document.createElement("div");
    overlay.className = "ReactModal__Overlay";
    overlay.innerHTML = '<div class="ReactModal__Content" role="dialog" aria-modal="true">' +
      '<button aria-label="close" type="button">X</button><h2></h2>' +
      '<div data-test="errorContent"><span></span></div><button type="button">Ok</button></div>';
    const [title, words] = [overlay.querySelector("h2"), overlay.querySelector("span")];
    if (title) title.textContent = heading;
    if (words) words.textContent = text;
    document.body.append(overlay);
  }

  document.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest(".ReactModal__Overlay button");
    if (!button || button.hasAttribute("data-test")) return;
    button.closest(".ReactModal__Overlay")?.remove();
  });

  return { carts, dialog };
})();
