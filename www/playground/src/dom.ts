// Elements, made in one call.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/**
 * An element. `on…` attributes are listeners, `true` is an attribute without a value, and what is false,
 * null or undefined is left out.
 */
export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: (Child | Child[])[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...present(children));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the page: one path in a square of 24 units. */
export function icon(name: keyof typeof PATHS): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  set(svg, { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon", focusable: "false" });
  const path = document.createElementNS(SVG, "path");
  set(path, { d: PATHS[name], fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" });
  svg.append(path);
  return svg;
}

/** A sentence of the module: what is between backticks is code. */
export const prose = (text: string): (Node | string)[] =>
  text.split("`").map((part, index, parts) => (index % 2 === 1 && index < parts.length - 1 ? h("code", {}, part) : part));

/**
 * The same as the beginning of a sentence, with a capital where it begins with a word. What is a field or code
 * stays as it is; `path` says which field it is about.
 */
export function sentence(text: string, path = ""): (Node | string)[] {
  const [word] = /^[a-z]+(?=[ ,]|$)/.exec(text) ?? [];
  return prose(word === undefined || path.endsWith(`/${word}`) ? text : text.charAt(0).toUpperCase() + text.slice(1));
}

/** Puts other children into an element. */
export function fill(element: Element, ...children: (Child | Child[])[]): void {
  element.replaceChildren(...present(children));
}

/** The element of this id, which the page has. */
export function $<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`there is no #${id}`);
  return element as T;
}

const present = (children: (Child | Child[])[]): (Node | string)[] =>
  children.flat().filter((child): child is Node | string => child !== null && child !== undefined && child !== false);

function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

const PATHS = {
  error: "M12 8v5M12 16.5v.01M8 3h8l5 5v8l-5 5H8l-5-5V8z",
  warning: "M12 9v4M12 16.5v.01M12 3 2 20h20z",
  info: "M12 11v5M12 7.5v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  good: "m8 12 3 3 5-6M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  wand: "m4 20 11-11M15 4v3M13.5 5.5h3M20 9v3M18.500 10.5h3M19 3.500v2M18 4.5h2",
  close: "M6 6l12 12M18 6 6 18",
  shield: "M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6z",
  question: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 17.500v.01",
  check: "m5 12 5 5 9-10",
  arrow: "M5 12h14M13 6l6 6-6 6",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
} as const;
