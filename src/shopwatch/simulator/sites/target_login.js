// @ts-check
/** The steps of the simulated login: user name, method, password, perhaps a code, perhaps an offer to skip. */
(() => {
  const root = /** @type {HTMLElement} */ (document.getElementById("signin"));
  const alertBox = /** @type {HTMLElement} */ (root.querySelector('[role="alert"]'));
  /** @type {Record<string, string | boolean>} */
  const given = {};

  /** @param {string} name */
  function show(name) {
    for (const step of root.querySelectorAll("[data-step]")) {
      const chosen = step.getAttribute("data-step") === name;
      step.toggleAttribute("hidden", !chosen);
      if (chosen) /** @type {HTMLInputElement | null} */ (step.querySelector("input[name]"))?.focus();
    }
    // As on the real site, the button of one step and the field of the next share an id.
    const choice = root.querySelector('[role="button"]#password, [role="button"][data-was="password"]');
    const field = root.querySelector('input[type="password"]');
    if (name === "password" && choice && field) {
      choice.removeAttribute("id");
      choice.setAttribute("data-was", "password");
      field.id = "password";
    }
  }

  async function send() {
    alertBox.textContent = "";
    const answer = await fetch("/gsp/authentications/v1/credential_validations?client_id=ecom-web-1.0.0", {
      method: "POST", body: JSON.stringify(given), headers: { "content-type": "application/json" },
    });
    const said = await answer.json();
    if (answer.ok && said.next === "done") show("phone");
    else if (answer.ok) show(said.next);
    else alertBox.textContent = said.message;
  }

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    for (const input of form.querySelectorAll("input")) {
      if (input.name) given[input.name] = input.type === "checkbox" ? input.checked : input.value;
    }
    if (form.dataset.step === "username") show("method");
    else send();
  });
  root.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.id === "password" && target.getAttribute("role") === "button") show("password");
    else if (target.id === "send-code") show("code");
    else if (target.id === "skip") location.href = root.dataset.back ?? "/";
  });
})();
