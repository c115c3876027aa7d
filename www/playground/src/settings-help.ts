// What the schema says of a field of the settings, on hovering.
import type { Extension, Text } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { h } from "./dom.js";
import type { Schema } from "./whatif.js";

/** The names of the fields that lead to the one on a line. */
function pathAt(doc: Text, number: number): string[] {
  const path: string[] = [];
  let indent = Number.POSITIVE_INFINITY;
  for (let at = number; at > 0; at--) {
    const [, space, name] = /^(\s*(?:- +)?)([\w$.-]+)\s*:/.exec(doc.line(at).text) ?? [];
    if (space === undefined || name === undefined || space.length >= indent) continue;
    path.unshift(name);
    indent = space.length;
    if (indent === 0) break;
  }
  return path;
}

function find(schema: Schema | undefined, path: string[]): Schema | undefined {
  const [name, ...rest] = path;
  if (!schema || name === undefined) return schema;
  const items = schema.items ?? schema;
  const free = typeof items.additionalProperties === "object" ? items.additionalProperties : undefined;
  return find(items.properties?.[name] ?? free, rest);
}

export const settingsHelp = (schema: () => Promise<Schema>): Extension =>
  hoverTooltip(async (view, at) => {
    const line = view.state.doc.lineAt(at);
    const path = pathAt(view.state.doc, line.number);
    // In flow style several fields stand on one line: the word under the pointer is the one.
    const word = view.state.wordAt(at);
    const under = word ? view.state.sliceDoc(word.from, word.to) : "";
    const root = await schema();
    const field = find(root, [...path, under]) ?? find(root, path);
    if (!field || path.length === 0) return null;
    const values = field.enum?.map(String).join(", ") ?? Object.keys(field.properties ?? {}).slice(0, 12).join(", ");
    return {
      pos: word?.from ?? line.from,
      above: true,
      create: () => ({
        dom: h("div", { class: "tips" }, h("div", { class: "tip info" }, h("p", { class: "message" }, h("code", {}, path.join("."))), field.description && h("p", {}, field.description), values && h("p", { class: "soft" }, values))),
      }),
    };
  });
