// The index of rules: what is typed is looked for in ids, names, summaries and the words of the documentation, and as
// the text of an error. The search stands in the page's hash, so that it can be sent to somebody.
import { byError } from "../package/lib/search.js";

const rules = JSON.parse(document.getElementById("errors").textContent);
const finder = document.querySelector(".finder");
const query = document.getElementById("query");
const filters = [...finder.querySelectorAll("select")];
const causes = document.getElementById("causes");
const count = document.getElementById("count");
const families = [...document.querySelectorAll(".family")];
const entries = [...document.querySelectorAll(".family li")].map((element) => ({
  element,
  id: element.dataset.id,
  text: `${element.textContent.toLowerCase()} ${element.dataset.words}`,
}));
const elements = new Map(entries.map(({ id, element }) => [id, element]));

function search() {
  const text = query.value.trim();
  const words = text.toLowerCase().split(/\s+/);
  const passes = ({ dataset }) => filters.every(({ name, value }) => value === "" || dataset[name] === value);
  let shown = 0;
  for (const { element, text } of entries) {
    element.hidden = !passes(element) || !words.every((word) => text.includes(word));
    shown += element.hidden ? 0 : 1;
  }
  for (const family of families) {
    family.hidden = family.querySelector("li:not([hidden])") === null;
  }
  // Who looks for a rule by name finds it; only the others met an error.
  const isName = rules.some(({ id, name }) => [id.toLowerCase(), name].includes(text.toLowerCase()));
  const hits = isName ? [] : byError(rules, text).filter(({ rule }) => passes(elements.get(rule.id)));
  causes.hidden = hits.length === 0;
  causes.querySelector("ul").replaceChildren(...hits.map(cause));
  count.textContent = said(shown, hits.length, text !== "" || filters.some(({ value }) => value !== ""));
  remember(text);
}

function cause({ rule, error }) {
  const element = elements.get(rule.id).cloneNode(true);
  element.hidden = false;
  const known = document.createElement("p");
  known.className = "known";
  const code = document.createElement("code");
  code.textContent = error;
  known.append("knows it as ", code);
  element.append(known);
  return element;
}

function said(shown, causes, isSearched) {
  const of = (number) => (number === 1 ? "1 rule" : `${number} rules`);
  if (!isSearched) {
    return of(entries.length);
  }
  if (shown + causes === 0) {
    return "No rule knows this: try fewer words, or the code in the message alone";
  }
  const found = shown === 0 ? "" : `${of(shown)} of ${entries.length}`;
  return causes === 0 ? found : `${of(causes)} for this error${found && `, ${found} by name`}`;
}

function remember(text) {
  const state = new URLSearchParams(text === "" ? {} : { q: text });
  for (const { name, value } of filters) {
    if (value !== "") {
      state.set(name, value);
    }
  }
  // An anchor of the page is no search, and stays until there is one.
  if (state.size > 0) {
    history.replaceState(null, "", `#${state}`);
  } else if (location.hash.includes("=")) {
    history.replaceState(null, "", location.pathname);
  }
}

function recall() {
  const state = new URLSearchParams(location.hash.slice(1));
  query.value = state.get("q") ?? "";
  for (const filter of filters) {
    filter.value = state.get(filter.name) ?? "";
  }
  search();
}

finder.hidden = false;
finder.addEventListener("input", search);
finder.addEventListener("click", ({ target }) => {
  if (target.dataset.query !== undefined) {
    query.value = target.dataset.query;
    search();
    query.focus();
  }
});
addEventListener("hashchange", recall);
recall();
