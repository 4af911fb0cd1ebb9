// @ts-check
/** A picture that can be looked at closer: by wheel, by drag, by buttons; dots stay as small as they were. */

import { h } from "./dom.js";

const STEP = 1.6;
const CLOSEST = 40;

/** @param {SVGElement} picture with a viewBox */
export function zoomable(picture) {
  const svg = /** @type {SVGSVGElement} */ (picture);
  const whole = { ...box() };
  let { x, y, width } = whole;

  function box() {
    const { x, y, width, height } = svg.viewBox.baseVal;
    return { x, y, width, height };
  }

  function draw() {
    width = Math.min(whole.width, Math.max(whole.width / CLOSEST, width));
    const height = (width / whole.width) * whole.height;
    x = Math.min(whole.width - width, Math.max(0, x));
    y = Math.min(whole.height - height, Math.max(0, y));
    svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    svg.style.setProperty("--closer", String(width / whole.width));
    closer.disabled = width <= whole.width / CLOSEST;
    farther.disabled = back.disabled = width >= whole.width;
  }

  /** @param {number} by @param {number} [left] where in the picture, 0 to 1 @param {number} [top] */
  function zoom(by, left = 0.5, top = 0.5) {
    const before = box();
    width = before.width / by;
    x = before.x + left * (before.width - width);
    y = before.y + top * (before.height - before.height / by);
    draw();
  }

  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const shown = svg.getBoundingClientRect();
    zoom(event.deltaY < 0 ? STEP : 1 / STEP, (event.clientX - shown.left) / shown.width, (event.clientY - shown.top) / shown.height);
  }, { passive: false });
  svg.addEventListener("pointerdown", (event) => svg.setPointerCapture(event.pointerId));
  svg.addEventListener("pointermove", (event) => {
    if (!svg.hasPointerCapture(event.pointerId)) return;
    const scale = width / svg.getBoundingClientRect().width;
    x -= event.movementX * scale;
    y -= event.movementY * scale;
    draw();
  });

  const button = (/** @type {string} */ text, /** @type {string} */ label, /** @type {() => void} */ onclick) =>
    /** @type {HTMLButtonElement} */ (h("button.small", { type: "button", "aria-label": label, title: label, onclick }, text));
  const closer = button("+", "Closer", () => zoom(STEP));
  const farther = button("−", "Farther", () => zoom(1 / STEP));
  const back = button("Whole", "Show the whole map", () => { ({ x, y, width } = whole); draw(); });
  draw();
  return h("div.zoom", svg, h("div.row.zoom-buttons", closer, farther, back));
}
