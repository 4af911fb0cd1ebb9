// @ts-check
/** Elements from words. Every value is text, never markup: what a site writes cannot run here. */

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */
/** @typedef {Record<string, any>} Props */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element: `h("button.primary", { onclick, disabled }, "Save")`.
 * @param {string} name tag, with classes after dots
 * @param {Props | Child} [props]
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(name, props, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  return /** @type {HTMLElement} */ (fill(element, props, children));
}

/**
 * The same for SVG.
 * @param {string} tag
 * @param {Props} props
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, props, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {Props | Child} props
 * @param {Child[]} children
 */
function fill(element, props, children) {
  if (isProps(props)) set(element, props);
  else append(element, [/** @type {Child} */ (props)]);
  append(element, children);
  return element;
}

/**
 * @param {any} value
 * @returns {value is Props}
 */
function isProps(value) {
  return value !== null && typeof value === "object" && !(value instanceof Node) && !Array.isArray(value);
}

/**
 * @param {HTMLElement} element
 * @param {Props} props
 */
export function set(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined) continue;
    if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, String(one));
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-") || name === "role" || name === "for" || name === "list") {
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, String(value));
    } else Reflect.set(element, name, value);
  }
}

/**
 * @param {Node} parent
 * @param {Child[]} children
 */
export function append(parent, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * Put `children` where others were; the focus, and what a person has opened, stay where they are.
 * @param {Element} parent
 * @param {...Child} children
 */
export function replace(parent, ...children) {
  const give = held(parent);
  parent.replaceChildren();
  append(parent, children);
  give();
}

const POINTED_AT = "button, a, summary";

/**
 * What of `parent` a person holds; the answer gives it back, in what stands there then.
 * @param {Element} parent
 */
function held(parent) {
  const opened = [...parent.querySelectorAll("details")].map((one) => one.open);
  const all = /** @type {HTMLElement[]} */ ([...parent.querySelectorAll(POINTED_AT)]);
  const at = all.findIndex((one) => one === document.activeElement);
  const known = at < 0 ? "" : nameOf(all[at]);
  const twin = all.slice(0, at).filter((one) => nameOf(one) === known).length;
  return () => {
    const details = parent.querySelectorAll("details");
    if (details.length === opened.length) details.forEach((one, index) => (one.open = opened[index]));
    if (at < 0) return;
    const now = /** @type {HTMLElement[]} */ ([...parent.querySelectorAll(POINTED_AT)]);
    const same = now.filter((one) => nameOf(one) === known)[twin] ?? (now.length === all.length ? now[at] : undefined);
    same?.focus({ preventScroll: true });
  };
}

/** @param {Element} element */
const nameOf = (element) => `${element.tagName} ${element.getAttribute("aria-label") ?? element.textContent}`;

/**
 * Write text only if it differs: a screen reader and the browser's layout notice each write.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Keep the children of `parent` in step with `rows`: elements are reused by key, so focus and hover survive.
 * @template Row
 * @param {Element} parent
 * @param {Row[]} rows
 * @param {(row: Row) => string} key
 * @param {(row: Row) => { root: Element, update(row: Row): void }} make
 * @param {Map<string, { root: Element, update(row: Row): void }>} known
 */
export function reconcile(parent, rows, key, make, known) {
  const wanted = new Set(rows.map(key));
  for (const [name, part] of known) {
    if (!wanted.has(name)) {
      part.root.remove();
      known.delete(name);
    }
  }
  let previous = /** @type {Element | null} */ (null);
  for (const row of rows) {
    const name = key(row);
    let part = known.get(name);
    if (!part) {
      part = make(row);
      known.set(name, part);
    }
    part.update(row);
    const place = previous ? previous.nextElementSibling : parent.firstElementChild;
    if (place !== part.root) parent.insertBefore(part.root, place);
    previous = part.root;
  }
}
