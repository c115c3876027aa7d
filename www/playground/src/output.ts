// What can be taken away: a link, texts for issues and shells, patches, answers, files.
import { Text } from "@codemirror/state";
import { isSingle, json } from "./assets.js";
import { hunks } from "./diff.js";
import { fill, h } from "./dom.js";
import type { Origin } from "./editor.js";
import type { Docs } from "./explain.js";
import type { Judge } from "./judge.js";
import type { Judged } from "./protocol.js";
import { fail, say } from "./say.js";
import { encode } from "./share.js";
import { judged, type OpenFile, type Store } from "./store.js";
import { counted, failsAt, nameOf, severityOf } from "./words.js";

/** Links beyond this are cut off by some chats and mail programs. */
const LONG_LINK = 8_000;

export interface Host {
  store: Store;
  texts(): { name: string; text: string }[];
  origin(file: OpenFile): Origin;
  ask: Judge["ask"];
  review(file: string, object: Judged): Promise<unknown>;
}

export class Output {
  readonly #panel: HTMLElement;
  readonly #host: Host;

  constructor(panel: HTMLElement, host: Host) {
    this.#panel = panel;
    this.#host = host;
  }

  show(): void {
    const { store } = this.#host;
    const link = h("input", { type: "text", id: "link", readonly: true, "aria-label": "Link", onfocus: () => link.select() });
    const size = h("p", { class: "soft" });
    void this.link().then((url) => {
      link.value = url;
      size.textContent = `${counted(url.length, "character")}. ${url.length > LONG_LINK ? "Some chats cut off links as long as this one: send the file instead." : location.protocol === "file:" ? "It leads to this page on this disk: it opens only where the page lies at the same place." : "Everything is in the link itself; nothing is stored anywhere."}`;
    });
    const objects = [...judged(store.files)];
    const row = (title: string, help: string, id: string, text: () => Promise<string> | string) =>
      h(
        "li",
        {},
        h("div", {}, h("strong", {}, title), h("p", { class: "soft" }, help)),
        h("button", { class: "button", type: "button", id, onclick: () => void this.copy(text(), title).catch(fail) }, "Copy", h("span", { class: "unseen" }, ` ${title}`)),
      );
    fill(
      this.#panel,
      h("h2", {}, "Share"),
      h("div", { class: "link" }, link, h("button", { class: "button primary", type: "button", id: "copy-link", onclick: () => void this.copy(this.link(), "Link").catch(fail) }, "Copy link")),
      size,
      h("h2", {}, "Copy"),
      h(
        "ul",
        { class: "outputs" },
        row("Markdown", "For an issue or a review: every finding with its line and what to do.", "copy-markdown", () => this.markdown()),
        row("JSON Patch", "All safe fixes, as RFC 6902 has it, for each object.", "copy-patch", () => this.patches()),
        row("kubectl lines", "Apply the safe fixes to what runs already.", "copy-kubectl", () => this.#host.ask("kubectl", {})),
        row("Command line", "The same check with transom, in CI or on your machine.", "copy-cli", () => this.commands()),
        row("Admission response", "What the webhook would answer to the API server.", "copy-admission", () => this.admission()),
      ),
      h("h2", {}, "Download"),
      h(
        "p",
        { class: "row" },
        store.files.map((file) => h("button", { class: "button", type: "button", "data-download": file.name, onclick: () => this.download(file.name) }, file.name)),
      ),
      objects.length === 0 && h("p", { class: "soft" }, "There is no object yet: most of this is empty."),
    );
  }

  async link(): Promise<string> {
    const hash = await encode({ files: this.#host.texts(), settings: this.#host.store.settings.text });
    return location.href.replace(/[?#].*$/s, "") + hash;
  }

  async copy(text: string | Promise<string>, what: string): Promise<void> {
    try {
      // Browsers allow it for a moment after the click, and a text may take longer than that.
      const blob = Promise.resolve(text).then((text) => new Blob([text], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    } catch {
      // Where pages may not write there, such as from file: in some browsers, the old way works.
      const area = h("textarea", { class: "unseen" });
      area.value = await text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    say(`${what} copied`);
  }

  async markdown(): Promise<string> {
    const lines = ["## transom", ""];
    // Without it, rules have no links.
    const docs = isSingle() || !location.protocol.startsWith("http") ? {} : await json<Docs>("docs.json").catch(() => ({}) as Docs);
    const rule = (id: string, name: string) => (docs[id] ? `[${id} ${name}](${new URL(`../rules/${docs[id].page}`, location.href).href})` : `\\[${id} ${name}\\]`);
    const { files } = this.#host.store;
    const broken = files.flatMap((file) => (file.report?.problems ?? []).map((problem) => ({ file, problem })));
    const texts = this.#host.texts();
    const lineIn = (file: OpenFile, at: number) => lineOf(texts.find(({ name }) => name === file.name)?.text ?? "", at);
    if (broken.length > 0) lines.push("### Not judged", "", ...broken.map(({ file, problem }) => `- ${escaped(file.name)}:${lineIn(file, problem.from)}: ${escaped(problem.message)}`), "");
    for (const { file, object } of judged(files)) {
      const { findings } = object.decision;
      lines.push(`### ${escaped(nameOf(object))}`, "");
      if (findings.length === 0) lines.push("No findings.", "");
      findings.forEach((finding, index) => {
        const line = object.places[index]?.line ?? 1;
        lines.push(`- **${severityOf(finding.action)}** ${rule(finding.rule, finding.name)} ${escaped(file.name)}:${line}: ${escaped(finding.message)} (${failsAt(finding.stage)})`);
        if (finding.help) lines.push(`  - ${escaped(finding.help)}`);
        if (finding.fix) lines.push(`  - ${finding.fix.safety} fix: ${escaped(finding.fix.title)}`);
      });
      if (findings.length > 0) lines.push("");
    }
    for (const { name, text } of texts) {
      const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
      lines.push(`<details><summary>${name.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</summary>`, "", `${fence}yaml`, text.replace(/\n$/, ""), fence, "", "</details>", "");
    }
    return lines.join("\n");
  }

  /** The patch of the only object, or each by the name of its object. */
  patches(): string {
    const all = [...judged(this.#host.store.files)].filter(({ object }) => object.decision.patch.length > 0);
    const [only] = all;
    if (only && all.length === 1) return JSON.stringify(only.object.decision.patch, null, 2);
    return JSON.stringify(all.map(({ object: { decision } }) => ({ object: decision.object, patch: decision.patch })), null, 2);
  }

  commands(): string {
    const { store } = this.#host;
    const names = store.files.map((file) => quotedPath(file.name)).join(" ");
    const settings = store.settings.text.trim();
    if (!settings) return `transom check ${names}\ntransom fix --diff ${names}\n`;
    // What a link brought may have the line that ends it.
    let end = "EOF";
    while (settings.split("\n").includes(end)) end += "_";
    return `cat > transom.yaml <<'${end}'\n${settings}\n${end}\ntransom check --settings transom.yaml ${names}\ntransom fix --diff --settings transom.yaml ${names}\n`;
  }

  async admission(): Promise<string> {
    const answers = [];
    for (const { file, object } of judged(this.#host.store.files)) answers.push(await this.#host.review(file.name, object));
    return JSON.stringify(answers.length === 1 ? answers[0] : answers, null, 2);
  }

  download(name: string): void {
    const file = this.#host.store.files.find((other) => other.name === name);
    const text = this.#host.texts().find((other) => other.name === name)?.text ?? "";
    const url = URL.createObjectURL(new Blob([file ? saved(file, this.#host.origin(file), text) : text], { type: "application/yaml" }));
    h("a", { href: url, download: name.split("/").at(-1) ?? name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}

/** The line of a position, where a line end counts as one. */
const lineOf = (text: string, at: number): number => text.replaceAll("\r\n", "\n").slice(0, at).split("\n").length;

/** A text with what its file has beside it: a byte order mark, and line ends of more than one kind. */
export function saved({ hasMark, lineEnd }: Pick<OpenFile, "hasMark" | "lineEnd">, { text: original, ends }: Origin, text: string): string {
  const mark = hasMark ? "\ufeff" : "";
  if (!ends) return mark + text;
  const lines = text.split(lineEnd);
  const changed = hunks(original, Text.of(lines));
  let behind = 0;
  const at = (line: number): string => {
    while ((changed[behind]?.toB ?? Infinity) <= line) behind++;
    const hunk = changed[behind];
    const last = changed[behind - 1];
    if (hunk && hunk.fromB <= line) return lineEnd;
    return ends[line + (last ? last.toA - last.toB : 0)] ?? lineEnd;
  };
  return mark + lines.map((line, index) => (index < lines.length - 1 ? line + at(index) : line)).join("");
}

/** Text that Markdown takes as it is; what is between backticks is code already. */
export const escaped = (text: string): string =>
  text.split("`").map((part, index, parts) => (index % 2 === 1 && index < parts.length - 1 ? part : part.replace(/[\\*_[\]<>#|~&]/g, "\\$&").replace(/\s+/g, " "))).join("`");

/** A word of a POSIX shell. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The path of a file as such a word, which no program takes for an option or for its standard input. */
export const quotedPath = (path: string): string => quoted(path.startsWith("-") ? `./${path}` : path);
