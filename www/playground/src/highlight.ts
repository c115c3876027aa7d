// Colours of YAML, for the lines that can be seen. What YAML means is the module's business; this only
// tells keys, texts, numbers and comments apart.
import { type Extension, RangeSetBuilder } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";

const key = Decoration.mark({ class: "k" });
const string = Decoration.mark({ class: "s" });
const number = Decoration.mark({ class: "n" });
const comment = Decoration.mark({ class: "c" });
const mark = Decoration.mark({ class: "m" });

// How far above the first visible line the beginning of a block of text is looked for.
const LINES_ABOVE = 200;

const TOKEN =
  /(?<c>(?<=^|\s)#.*$)|(?<q>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?<qk>\s*:(?=\s|$))?|(?<m>^---.*$|^\.\.\.$|[&*!][\w/.!:-]+|[[\]{},]|(?<=^|\s)-(?=\s|$)|[|>][+-]?\d?(?=\s*(?:#.*)?$))|(?<k>[^\s#"'[\]{},&*!|>-][^#"'[\]{},]*?|-[^\s[\]{},][^"'[\]{},]*?)(?=\s*:(?:\s|$))|(?<n>(?<=^|[\s[,:{])(?:[-+]?\d[\d_.]*(?:e[-+]?\d+)?|true|false|null|yes|no|on|off|~)(?=\s*(?:$|[,\]}]|\s#)))|(?<p>[^\s[\]{},"'#:&*!][^[\]{},#]*?(?=\s*(?:$|[,\]}]|\s#)))/gm;

const BLOCK = /(?:^|[\s:-])[|>][+-]?\d?\s*(?:#.*)?$/;

function colours(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const { doc } = view.state;
  for (const { from, to } of view.visibleRanges) {
    const first = doc.lineAt(from).number;
    const last = doc.lineAt(to).number;
    // Columns that the parent of a block of text is indented by; undefined outside of one.
    let block: number | undefined;
    for (let number_ = Math.max(1, first - LINES_ABOVE); number_ <= last; number_++) {
      const line = doc.line(number_);
      const text = line.text;
      const indent = text.search(/\S/);
      if (block !== undefined && (indent < 0 || indent > block)) {
        if (number_ >= first && indent >= 0) builder.add(line.from + indent, line.to, string);
        continue;
      }
      block = undefined;
      if (indent < 0) continue;
      if (BLOCK.test(text) && text[indent] !== "#") {
        const item = /^\s*((?:- +)*)\S/.exec(text);
        block = indent + (/^[\s-]*[^\s-][^:]*:\s/.test(text) ? (item?.[1]?.length ?? 0) : 0);
      }
      if (number_ < first || text.length > 5_000) continue;
      for (const match of text.matchAll(TOKEN)) {
        const groups = match.groups ?? {};
        const start = line.from + match.index;
        const end = start + match[0].length;
        if (groups["c"]) builder.add(start, end, comment);
        else if (groups["q"]) builder.add(start, end, groups["qk"] ? key : string);
        else if (groups["m"]) builder.add(start, end, mark);
        else if (groups["k"]) builder.add(start, end, key);
        else if (groups["n"]) builder.add(start, end, number);
        else if (groups["p"]) builder.add(start, end, string);
      }
    }
  }
  return builder.finish();
}

export const highlight: Extension = [
  ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = colours(view);
      }
      update(update: ViewUpdate) {
        if (update.docChanged || update.viewportChanged) this.decorations = colours(update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  ),
  EditorView.editorAttributes.of({ class: "code" }),
];
