// Small tools for the document. Text goes in as text only: what stands here is written by strangers too.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** A new element. `on` holds listeners, `data` becomes data-*, `text` its text, null and false leave an attribute out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Write a text only when it differs, so that screen readers and selections are left in peace. */
export function text(node, value) {
  const wanted = String(value ?? "");
  if (node.textContent !== wanted) node.textContent = wanted;
}

export function show(node, shown) {
  if (node.hidden === Boolean(shown)) node.hidden = !shown;
}

/** Set an attribute, or take it away with null. */
export function attr(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** Make the children of `parent` those of `items`, in order: each keeps its element, so focus and half-typed words stay. */
export function keyed(parent, items, keyOf, make, update = () => {}) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const focused = document.activeElement;
  let before = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let node = known.get(key);
    if (node) known.delete(key);
    else {
      node = make(item);
      node.dataset.key = key;
    }
    if (node === before) before = before.nextElementSibling;
    else if (parent.moveBefore && node.parentNode === parent) parent.moveBefore(node, before);
    else parent.insertBefore(node, before);
    update(node, item);
  }
  for (const node of known.values()) forget(node, parent);
  if (focused?.isConnected && document.activeElement !== focused && parent.contains(focused)) focused.focus({ preventScroll: true });
}

/** Take an element away; if it holds the focus, its neighbour gets it, so that the keyboard is never lost. */
function forget(node, parent) {
  const held = node.contains(document.activeElement);
  const neighbour = node.nextElementSibling ?? node.previousElementSibling;
  node.remove();
  if (!held) return;
  const next = (neighbour && $("button, a, input", neighbour)) ?? parent.closest("[tabindex]") ?? $("#board");
  next?.focus({ preventScroll: true });
}

/** Up, Down, Home and End move the focus among `selector` inside `root`. */
export function arrows(root, selector) {
  root.addEventListener("keydown", (event) => {
    const all = $$(selector, root).filter((node) => !node.closest("[hidden]"));
    const at = all.indexOf(event.target.closest(selector));
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined || !all[to]) return;
    event.preventDefault();
    all[to].focus();
  });
}
