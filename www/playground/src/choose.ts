// What is asked for in dialogs: files of one's own, or an example.
import { json } from "./assets.js";
import { $, fill, h } from "./dom.js";
import { dialog } from "./explain.js";
import { example, type Examples, type Incoming } from "./input.js";
import { fail } from "./say.js";

export function chooseFiles(): void {
  const pick = (id: string) => () => {
    open.close();
    $(id).click();
  };
  const open = dialog(
    "Open manifests",
    h("p", {}, "They stay on this machine. You can also drop files or a folder anywhere on the page, or paste into the editor."),
    h("p", { class: "row" }, h("button", { class: "button primary", type: "button", onclick: pick("open-input") }, "Files…"), h("button", { class: "button", type: "button", onclick: pick("folder-input") }, "A folder…")),
  );
}

export async function chooseExample(take: (incoming: Incoming) => void): Promise<void> {
  const search = h("input", { type: "search", placeholder: "Search the rules: gmsa, hostPort, WIN401 …", "aria-label": "Search the examples", autofocus: true });
  const list = h("div", { class: "examples" });
  const open = dialog("Examples", search, list);
  try {
    const { applications, rules } = await json<Examples>("examples.json");
    const entry = (name: string, title: string, about: string) =>
      h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            "data-example": name,
            onclick: () => {
              open.close();
              example(name).then(take, fail);
            },
          },
          h("strong", {}, title),
          h("span", {}, about),
        ),
      );
    const show = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const matches = (...texts: string[]) => words.every((word) => texts.some((text) => text.toLowerCase().includes(word)));
      const apps = Object.entries(applications).filter(([name, { title, about, text }]) => matches(name, title, about, text));
      const found = Object.entries(rules).filter(([name, { id, summary, text }]) => matches(name, id, summary, text));
      const families = [...new Set(found.map(([, { family }]) => family))];
      fill(
        list,
        apps.length > 0 && h("h3", {}, "Applications"),
        h("ul", {}, apps.map(([name, { title, about }]) => entry(name, title, about))),
        families.flatMap((family) => [
          h("h3", {}, family),
          h("ul", {}, found.filter(([, rule]) => rule.family === family).map(([name, { id, summary }]) => entry(name, `${id} ${name}`, summary))),
        ]),
        apps.length + found.length === 0 && h("p", { class: "soft" }, "Nothing has all of these words."),
      );
    };
    search.addEventListener("input", show);
    show();
  } catch (error) {
    open.close();
    fail(error);
  }
}
