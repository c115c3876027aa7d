// Help for whoever writes settings: what may stand where, and what a field means, by the module and their
// schema.
import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { asset } from "./assets.js";
import { h } from "./dom.js";
import type { Judge } from "./judge.js";

export function settingsHelp(ask: Judge["ask"]): Extension {
  let known: Promise<string> | undefined;
  const schema = () => (known ??= asset("settings.schema.json").then((bytes) => new TextDecoder().decode(bytes)));
  const suggest = async (context: CompletionContext): Promise<CompletionResult | null> => {
    if (!context.explicit && !context.matchBefore(/[\w-]|: /)) return null;
    const text = context.state.doc.toString();
    const { from, to, items } = await ask("suggest", { text, schema: await schema(), at: context.pos });
    const options = items.map(({ label, insert, about, isField }) => ({ label, apply: insert, type: isField ? "property" : "enum", ...(about ? { info: about } : {}) }));
    // What stands in quotes is replaced with them, and a word with what is behind the cursor: neither is the
    // beginning of any.
    const isWhole = to > context.pos || items.some((item) => item.isQuoted);
    return options.length > 0 ? { from, to, options, ...(isWhole ? { filter: false } : { validFor: /^[\w-]*$/ }) } : null;
  };
  const describe = hoverTooltip(async (view, at) => {
    const field = await ask("describe", { text: view.state.doc.toString(), schema: await schema(), at });
    if (!field) return null;
    const { from, to, name, about, values } = field;
    const words = values.length > 0 && h("p", { class: "soft" }, values.join(", "));
    return { pos: from, end: to, above: true, create: () => ({ dom: h("div", { class: "tips" }, h("div", { class: "tip info" }, h("p", { class: "message" }, h("code", {}, name)), about && h("p", {}, about), words)) }) };
  });
  return [describe, autocompletion({ override: [suggest], icons: false })];
}
