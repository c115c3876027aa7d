// The page: what is open, who judges it, and what is shown of it.
import type { ChangeSet } from "@codemirror/state";
import { isSingle } from "./assets.js";
import type { Changes, Changing } from "./changes.js";
import { $, fill, h, icon, sentence } from "./dom.js";
import { keep, kept } from "./draft.js";
import { composed, Editor, lines, origin, rangeOf } from "./editor.js";
import { type Coming, fromAddress, type Incoming, listen } from "./input.js";
import { Judge } from "./judge.js";
import type { Mark } from "./marks.js";
import type { Output } from "./output.js";
import type { Configured, Failed, Judged, Ported, Problem, Rounds } from "./protocol.js";
import { Results, tip, totals } from "./results.js";
import { type Desk, Steps } from "./steps.js";
import { type Known, known, type OpenFile, type Store } from "./store.js";
import { counted, keyOf, severityOf } from "./words.js";
import type { Fields, WhatIf } from "./whatif.js";
import { Whole } from "./whole.js";

/** Squiggles of one file; beyond this nobody looks at each. */
const MOST_MARKS = 3_000;

const judge = new Judge();
const whole = new Whole();
/** What is to be seen before anything is loaded: the page has it. It is seen once before the editor takes its place. */
const first = $("first").textContent ?? "";
if (document.visibilityState === "visible") await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
$("first").remove();
const editor = new Editor($("editor"), "Manifest", { changed, fixHere, at, moved, undo: () => step("undo"), redo: () => step("redo") });
const store: Store = { files: [], active: opened({ name: "manifest.yaml", text: "" }), nodes: [], cluster: { windows: true }, settings: { text: "", configured: { errors: [], cluster: { windows: true }, settings: {} } }, ported: undefined };
/** Whether there is something that the address does not give again. */
let isOwn = false;

const stateOf = (file: OpenFile) => (file === store.active ? editor.view.state : file.state);
const steps = new Steps({
  store,
  state: stateOf,
  dispatch(file, transaction) {
    if (file === store.active) return editor.view.dispatch(transaction);
    file.state = transaction.state;
    judge.put(file.name, textOf(file));
  },
  swap(desk) {
    const former = putOn(desk);
    const same = desk.settings === store.settings.text;
    void (same ? check() : configure(desk.settings, false).then((wrong) => wrong && say(wrong))).catch(fail);
    return former;
  },
});

const results = new Results($("panel-findings"), {
  jump,
  async jumpTo(file, object, path) {
    const place = await judge.ask("locate", { name: file.name, document: object.document, pointer: object.pointer, path });
    if (place) jump(file, place.from, place.to);
  },
  fix: (file, object, finding) => void fix(file, object, finding).catch(fail),
  fixAll: () => void fixAll().catch(fail),
  review: (file, object) => review(file.name, object),
});
// What is not seen at first is loaded when it is asked for.
const output = once(async (): Promise<Output> => {
  const { Output } = await import("./output.js");
  return new Output($("panel-output"), { store, texts, origin: (file) => stateOf(file).field(origin), ask: askWhole, review, say, fail });
});
const changes = once(async (): Promise<Changes> => {
  const { Changes } = await import("./changes.js");
  const panel: Changes = new Changes($("panel-changes"), {
    jump(name, location) {
      const file = store.files.find((other) => other.name === name);
      if (!file) return;
      const { from, to } = rangeOf(stateOf(file).doc, location);
      jump(file, from, to);
    },
    open: (name) => show(store.files.find((other) => other.name === name) ?? store.active),
    takeBack() {
      changeAll(panel.back(changing()), undefined);
      void check().catch(fail);
    },
  });
  return panel;
});
const whatIf = once(async (): Promise<WhatIf> => {
  const { WhatIf } = await import("./whatif.js");
  return new WhatIf($("panel-whatif"), { store, set: setting, setText: (text) => void configure(text).catch(fail), ask: askWhole, fail });
});
/** What the last change of settings brought and took. */
let difference: [before: Map<string, Known>, after: Map<string, Known>] | undefined;

/** What a function gave the first time that it did not fail. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

function opened({ name, text, isOurs = false, from }: Coming): OpenFile {
  const hasMark = text.startsWith("\ufeff");
  const doc = lines(hasMark ? text.slice(1) : text);
  const ends: string[] = text.match(/\r\n?|\n/g) ?? [];
  const isMixed = ends.some((end) => end !== ends[0]);
  const state = editor.state(doc, from ? { text: lines(from.text), ends: from.ends } : { text: doc, ends: isMixed ? ends : undefined });
  return { name, lineEnd: /\r\n/.test(text) ? "\r\n" : "\n", hasMark: from?.hasMark ?? hasMark, isOurs, state, report: undefined };
}

/** What opens a file again as it is. */
function closed(file: OpenFile): Coming {
  const { text, ends } = stateOf(file).field(origin);
  return { name: file.name, text: textOf(file), isOurs: file.isOurs, from: { text: text.toString(), ends, hasMark: file.hasMark } };
}

/** The text of a file as it would be saved. */
function textOf(file: OpenFile): string {
  const { doc } = stateOf(file);
  return doc.sliceString(0, doc.length, file.lineEnd);
}

function texts(): { name: string; text: string }[] {
  return store.files.map((file) => ({ name: file.name, text: textOf(file) }));
}

/** Puts what is open in the place of what was, and gives that. */
function putOn(desk: Desk): Desk {
  const former = { files: store.files, active: store.active, settings: store.settings.text };
  former.active.state = editor.view.state;
  for (const { name } of store.files) judge.put(name, null);
  store.files = desk.files;
  for (const file of store.files) judge.put(file.name, textOf(file));
  show(desk.active);
  return former;
}

/** Puts other files in the place of those that are open, or other settings where no files come. */
async function open({ files, settings, skipped }: Incoming, notice = ""): Promise<void> {
  if (files.length > 0) {
    results.notice = notice;
    announced = "";
    const fresh = files.map(opened);
    const { ported } = store;
    store.ported = undefined;
    const former = putOn({ files: fresh, active: fresh[0] as OpenFile, settings: settings ?? "" });
    if (former.files.length > 0) steps.add(former, ported);
    showButtons();
  } else if (settings === undefined) {
    return say(skipped.length > 0 ? `Nothing could be read: ${skipped[0]}` : "There is no manifest in it");
  }
  let wrong: string | undefined;
  if (settings === undefined) {
    await check();
  } else {
    // Whoever has the turn may keep it for long: what is said until then is about these files.
    if (turns > 0) void check().catch(fail);
    // As their editor has them: without a mark, and with line ends of one kind.
    wrong = await configure(lines(settings.replace(/^\ufeff/, "")).toString(), files.length === 0);
  }
  const left = skipped.length > 0 && `${counted(skipped.length, "file")} left out: ${skipped.slice(0, 3).join("; ")}`;
  if (wrong || left) say([wrong, left].filter(Boolean).join(". "));
}

/** Shows a file in the editor. */
function show(file: OpenFile): void {
  if (store.files.includes(store.active)) store.active.state = editor.view.state;
  store.active = file;
  editor.show(file.state);
  moved();
  showFiles();
  $("files").querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  showMarks();
  showButtons();
  refresh(selected);
}

function changed(isOther: boolean): void {
  const file = store.active;
  if (isOther) {
    announced = "";
    rename(file);
    store.ported = undefined;
  }
  isOwn = true;
  judge.put(file.name, textOf(file));
  if (isAtIt) return;
  steps.forget();
  showButtons();
  void check().catch(fail);
}

/** What was put in the place of an example is not it any more. */
function rename(file: OpenFile): void {
  if (!file.isOurs || store.files.length > 1 || editor.text.length === 0) return;
  judge.put(file.name, null);
  file.name = `manifest.${/^\s*[[{]/.test(editor.text.line(1).text) ? "json" : "yaml"}`;
}

/** Judges what has changed and shows it. */
const check = (): Promise<void> =>
  judge.check((report) => {
    for (const fresh of report.files) {
      const file = store.files.find(({ name }) => name === fresh.name);
      if (file) file.report = fresh;
    }
    store.nodes = report.nodes;
    render();
  });

function render(): void {
  results.show(store);
  showMarks();
  showFiles();
  const { deny, warn, info } = totals(store.files);
  found = [deny > 0 && counted(deny, "error"), warn > 0 && counted(warn, "warning"), info > 0 && counted(info, "note")].filter(Boolean).join(", ") || "no findings";
  announce(found);
  $("status").textContent = `${found} · judged in ${judge.lastCheck < 10 ? judge.lastCheck.toFixed(1) : Math.round(judge.lastCheck)} ms`;
  fill($("count"), deny + warn > 0 ? String(deny + warn) : "");
  $("count").className = `badge ${deny > 0 ? "error" : "warning"}`;
  document.body.dataset["judged"] = String(Number(document.body.dataset["judged"] ?? 0) + 1);
  refresh(selected);
}

function showFiles(): void {
  const bar = $("files");
  bar.hidden = store.files.length < 2;
  if (bar.hidden) return;
  fill(
    bar,
    store.files.map((file) => {
      const { deny, warn } = totals([file]);
      return h(
        "button",
        { type: "button", "aria-pressed": String(file === store.active), onclick: () => show(file) },
        file.name,
        deny + warn > 0 && h("span", { class: `badge ${deny > 0 ? "error" : "warning"}` }, String(deny + warn)),
      );
    }),
  );
}

function showMarks(): void {
  const { report } = store.active;
  const file = store.active;
  const problems = (report?.problems ?? []).map((problem): Mark => ({ from: problem.from, to: problem.to, severity: problem.note ? "info" : "error", show: () => problemTip(problem) }));
  const findings = (report?.objects ?? []).flatMap((object) =>
    object.decision.findings.flatMap((finding, index): Mark[] => {
      const place = object.places[index];
      if (!place) return [];
      return [{ from: place.from, to: place.to, severity: severityOf(finding.action), key: keyOf(file.name, object, finding), show: () => tip(finding, () => void fix(file, object, index).catch(fail)) }];
    }),
  );
  editor.mark([...problems, ...findings].slice(0, MOST_MARKS));
}

const problemTip = (problem: Problem): HTMLElement =>
  h("div", { class: `tip ${problem.note ? "info" : "error"}` }, h("p", { class: "message" }, icon(problem.note ? "info" : "error"), h("span", {}, sentence(problem.message))), problem.help && h("p", {}, sentence(problem.help)));

function showButtons(): void {
  $<HTMLButtonElement>("undo").disabled = !steps.canUndo;
  $<HTMLButtonElement>("redo").disabled = !steps.canRedo;
}

/** Whether the page itself changes texts: they are judged when all of it is done. */
let isAtIt = false;

function atOnce<T>(change: () => T): T {
  isAtIt = true;
  try {
    return change();
  } finally {
    isAtIt = false;
    showButtons();
  }
}

/** Takes back what was done last, or does it again. */
function step(which: "undo" | "redo"): boolean {
  isOwn = true;
  announced = "";
  const files = store.files.map((file) => [file, stateOf(file).doc] as const);
  if (!atOnce(steps[which])) return false;
  void check().catch(fail);
  const also = files.filter(([file, doc]) => stateOf(file).doc !== doc).map(([file]) => file);
  if (also.some((file) => file !== store.active)) say(`${which === "undo" ? "Taken back" : "Done again"} in ${also.length > 1 ? `${also.length} files` : also[0]?.name}`);
  return true;
}

/** Changes files as the worker said, and what is left to decide; one undo takes all of it back. */
function changeAll(all: readonly (Rounds & { name: string })[], ported: Ported | undefined): OpenFile[] {
  return atOnce(() => {
    const files = all.flatMap(({ name, rounds }) => {
      const file = store.files.find((other) => other.name === name);
      if (!file || rounds.every((edits) => edits.length === 0)) return [];
      change(file, rounds);
      return [file];
    });
    if (files.length > 0) steps.add(files, store.ported);
    store.ported = ported;
    return files;
  });
}

/** Changes a file in one step of its undo. */
function change(file: OpenFile, rounds: Rounds["rounds"]): void {
  if (file === store.active) return editor.change(composed(editor.text, rounds));
  const changes: ChangeSet = composed(file.state.doc, rounds);
  file.state = file.state.update({ changes, userEvent: "input.fix" }).state;
  judge.put(file.name, textOf(file));
}

async function fix(file: OpenFile, object: Judged, finding: number): Promise<void> {
  const wanted = object.decision.findings[finding];
  if (wanted && (judge.isBehind || !file.report?.objects.includes(object))) {
    // What was pressed is about an older text, or about other settings.
    const key = keyOf(file.name, object, wanted);
    await check();
    const now = (file.report?.objects ?? []).flatMap((object) => object.decision.findings.map((finding, index) => ({ object, index, key: keyOf(file.name, object, finding) })));
    const same = now.find((one) => one.key === key);
    if (!same) return say("This finding is not there any more");
    [object, finding] = [same.object, same.index];
  }
  const { doc } = stateOf(file);
  const answer: Rounds | Failed = await askWhole("fix", { name: file.name, document: object.document, pointer: object.pointer, finding });
  // Somebody typed while the worker was at it, or opened something else: what it said is about another text.
  if (!store.files.includes(file) || stateOf(file).doc !== doc) return;
  if ("error" in answer) return say(answer.error);
  // The editor itself takes back what was done in it.
  if (file === store.active) change(file, answer.rounds);
  else changeAll([{ name: file.name, ...answer }], store.ported);
  await check();
  const { deny, warn } = totals(store.files);
  say(deny + warn === 0 ? "Fixed: nothing is left" : `Fixed: ${counted(deny, "error")} and ${counted(warn, "warning")} left`);
  $("results").focus({ preventScroll: true });
}

async function fixAll(): Promise<void> {
  const before = new Map(store.files.map((file) => [file, textOf(file)]));
  const all = await askWhole("fixAll", {});
  if (store.files.some((file) => textOf(file) !== before.get(file))) return;
  const changed = changeAll(all, store.ported);
  const count = all.flatMap(({ fixes }) => Object.values(fixes)).reduce((sum, times) => sum + times, 0);
  await check();
  const failures = all.flatMap(({ failures }) => failures);
  say(failures.length > 0 ? `${counted(count, "finding")} fixed; ${failures[0]}` : `${counted(count, "finding")} fixed${changed.length > 1 ? ` in ${changed.length} files` : ""}. Undo takes it back`);
  $("results").focus({ preventScroll: true });
}

/** Says what is there to whoever went from mark to mark, and shows it in the list. */
function at(marks: Mark[]): void {
  tell(marks.map((mark) => mark.show().querySelector(".message")?.textContent ?? "").join(". "));
  const [first] = marks;
  if (first?.key !== undefined && selected === "findings") results.reveal(first.key);
}

function moved(): void {
  const [line, column] = editor.place;
  $("position").textContent = `line ${line}, column ${column}`;
}

/** The first fix at the cursor. */
function fixHere(marks: Mark[]): boolean {
  const at = marks[0];
  if (!at) return false;
  for (const object of store.active.report?.objects ?? []) {
    const index = object.decision.findings.findIndex((finding, index) => finding.fix && object.places[index]?.from === at.from && object.places[index]?.to === at.to);
    if (index >= 0) {
      void fix(store.active, object, index).catch(fail);
      return true;
    }
  }
  return false;
}

function jump(file: OpenFile, from: number, to: number): void {
  // Something else may have been opened since.
  if (!store.files.includes(file)) return;
  if (file !== store.active) show(file);
  pane("editor");
  editor.jump(from, to);
}

/** Asks for what comes with the press of a button. */
const askWhole: Judge["ask"] = (call, argument) => whole.ask(call, argument, { texts: texts(), settings: store.settings.configured.settings });

function review(name: string, object: Judged): Promise<unknown> {
  return askWhole("review", { name, document: object.document, pointer: object.pointer });
}

/** What changes settings, one after the other, and how much of it is not done. */
let turn: Promise<unknown> = Promise.resolve();
let turns = 0;

function inTurn<T>(act: () => Promise<T>): Promise<T> {
  turns++;
  const mine = turn.then(act).finally(() => turns--);
  turn = mine.catch(() => undefined);
  return mine;
}

/**
 * Takes settings and says what they bring and take. Wrong ones leave those in force that were, where they do not
 * come with other files; what is wrong is given.
 */
function configure(text: string, compare = true): Promise<string | undefined> {
  // At once: others start from it.
  store.settings.text = text;
  return inTurn(async () => {
    // There is a newer text, whose turn comes.
    if (store.settings.text !== text) return undefined;
    const before = known(store.files);
    let configured = await judge.ask("configure", { text });
    const { errors } = configured;
    if (errors.length > 0 && !compare) configured = { ...(await judge.ask("configure", { text: "" })), errors };
    await took(configured, before, compare);
    return errors[0] && `Settings not applied: ${errors[0].message}`;
  });
}

/** Shows what became of the settings; `before` was known without them. */
async function took(configured: Configured, before: Map<string, Known>, compare: boolean): Promise<void> {
  isOwn ||= compare;
  apply(configured);
  await check();
  const after = known(store.files);
  const isWrong = configured.errors.length > 0;
  results.fresh = new Set(compare && !isWrong ? [...after.keys()].filter((key) => !before.has(key)) : []);
  results.show(store);
  difference = compare && !isWrong ? [before, after] : undefined;
  if (selected === "whatif") await showWhatIf();
  if (!compare || isWrong) return;
  const more = results.fresh.size;
  const gone = [...before.keys()].filter((key) => !after.has(key)).length;
  say(more + gone === 0 ? "The same findings" : `${counted(more, "finding")} more, ${gone} gone`);
}

function apply(configured: Configured): void {
  store.settings.configured = configured;
  store.cluster = configured.cluster;
  const { platform = "" } = configured.settings;
  $<HTMLSelectElement>("platform").value = platform === "generic" ? "" : platform;
}

/** Sets fields of the settings; or says why that is not applied. */
const setting = (fields: Fields): Promise<string | undefined> => inTurn(() => setIn(store.files, fields)).catch((error: Error) => refused(error.message));

async function setIn(files: OpenFile[], fields: Fields): Promise<string | undefined> {
  const former = store.settings.text;
  let text = former;
  for (const [path, value] of fields(store.settings.configured.settings)) {
    const answer = await askWhole("set", { text, path, value });
    if ("error" in answer) return refused(answer.error);
    text = composed(lines(text), answer.rounds).apply(lines(text)).toString();
  }
  if (text.trim() === "{}") text = "";
  const before = known(store.files);
  const configured = await judge.ask("configure", { text });
  if (store.settings.text !== former) {
    // What was typed meanwhile stays; what came with other files has nothing to do with it.
    return store.files === files ? setIn(files, fields) : undefined;
  }
  const [first] = configured.errors;
  // The settings stay as they were, and so does what is said about them.
  if (first) return refused(first.message);
  store.settings.text = text;
  await took(configured, before, true);
  return undefined;
}

function refused(why: string): string {
  // The control at the top shows what is in force.
  apply(store.settings.configured);
  say(`Not applied: ${why}`);
  return why;
}

async function showWhatIf(): Promise<void> {
  const panel = await whatIf();
  await panel.open();
  panel.show();
  panel.difference(difference);
}

/** Makes all files ones for Windows, and shows what is left to decide. */
async function port(): Promise<void> {
  const before = texts();
  const answer = await askWhole("port", {});
  if (texts().some(({ text }, index) => text !== before[index]?.text)) return;
  if ("error" in answer) return say(answer.error);
  changeAll(answer.files, answer);
  await check();
  select("changes");
  const left = answer.decisions.length;
  const isBroken = store.files.some(({ report }) => report?.problems.some(({ note }) => !note));
  say(answer.files.length === 0 ? (isBroken ? "What can be read has nothing to port: mend the rest first" : "There is nothing to port") : `Ported. ${left === 0 ? "Nothing is left" : counted(left, "thing")} for you to decide`);
}

async function share(): Promise<void> {
  const panel = await output();
  const link = await panel.link();
  history.replaceState(null, "", link);
  await panel.copy(link, "Link");
}

let toast: ReturnType<typeof setTimeout> | undefined;

/** How long after the last key the result is said to those who do not see it, in milliseconds. */
const PAUSE = 1_000;
/** What was found, in short. */
let found = "";
let announced = "";
let announcement: ReturnType<typeof setTimeout> | undefined;

/** Says what was found once nobody types any more, where that is something else than before. */
function announce(status: string): void {
  clearTimeout(announcement);
  announcement = setTimeout(() => status !== announced && tell((announced = status)), PAUSE);
}

/** Says something to those who do not see it. */
function tell(text: string): void {
  $("say").textContent = text;
}

/** Says something to everybody. */
function say(text: string): void {
  clearTimeout(announcement);
  announced = found;
  tell(text);
  const box = $("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toast);
  toast = setTimeout(() => (box.hidden = true), 4_000);
}

function fail(error: unknown): void {
  say(error instanceof Error ? error.message : String(error));
}

const TABS = ["findings", "whatif", "changes", "output"] as const;
type Tab = (typeof TABS)[number];
let selected: Tab = "findings";

/** Shows one of the panels; on a phone it takes the whole screen. */
function select(tab: Tab, focus = false): void {
  selected = tab;
  for (const name of TABS) {
    const button = $(`tab-${name}`);
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
    $(`panel-${name}`).hidden = name !== tab;
  }
  if (focus) $(`tab-${tab}`).focus();
  pane(tab);
  refresh(tab);
  if (tab === "whatif") void showWhatIf().catch(fail);
}

/** Brings a panel up to date that is only made when it is seen. */
function refresh(tab: Tab): void {
  if (tab === "changes") void showChanges().catch(fail);
  if (tab === "output") void output().then((panel) => panel.show()).catch(fail);
}

async function showChanges(): Promise<void> {
  await (await changes()).show(changing(), store.ported);
}

/** The files with what became of them. */
function changing(): Changing[] {
  return store.files.map((file) => ({ name: file.name, original: stateOf(file).field(origin).text, now: stateOf(file).doc, isActive: file === store.active }));
}

/** Which part a phone shows. */
function pane(name: string): void {
  document.body.dataset["pane"] = name;
  for (const button of document.querySelectorAll<HTMLElement>(".panes button")) button.setAttribute("aria-pressed", String(button.dataset["to"] === name));
}

function bind(): void {
  for (const [index, name] of TABS.entries()) {
    const tab = $(`tab-${name}`);
    tab.addEventListener("click", () => select(name));
    tab.addEventListener("keydown", ({ key }) => {
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[key];
      const next = to === undefined ? undefined : TABS.at(to % TABS.length);
      if (next) select(next, true);
    });
  }
  for (const button of document.querySelectorAll<HTMLElement>(".panes button")) {
    button.addEventListener("click", () => {
      const to = button.dataset["to"] ?? "editor";
      if (to === "editor") pane(to);
      else select(to as Tab);
      scrollTo(0, 0);
    });
  }
  // Whoever touches the page will soon press a button that needs the whole.
  const startWhole = (): void => void judge.ready.then(() => whole.start(), fail);
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, startWhole, { once: true, capture: true });
  $("undo").addEventListener("click", () => step("undo"));
  $("redo").addEventListener("click", () => step("redo"));
  $("port-button").addEventListener("click", () => void port().catch(fail));
  $("share-button").addEventListener("click", () => {
    select("output");
    void share().catch(fail);
  });
  $<HTMLSelectElement>("platform").addEventListener("change", (event) => {
    const { value } = event.target as HTMLSelectElement;
    void setting(() => [[["platform"], value || null]]);
  });
  listen((incoming) => {
    isOwn = true;
    void open(incoming).catch(fail);
  }, fail);
  addEventListener("hashchange", () => void openAddress().catch(fail));
  const leave = (): void => keep(isOwn ? { files: store.files.map(closed), settings: store.settings.text } : undefined);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  // The address holds what is open: links within the page leave it alone.
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    pane(selected);
    $("results").focus();
  });
}

/** What the address asks for; what is wrong with it is said until something is opened. */
async function asked(): Promise<Incoming | undefined> {
  try {
    return await fromAddress();
  } catch (error) {
    results.notice = error instanceof Error ? error.message : String(error);
    say(results.notice);
    return undefined;
  }
}

async function openAddress(): Promise<void> {
  const incoming = await asked();
  if (!incoming) return results.show(store);
  isOwn = false;
  await open(incoming);
}

async function start(): Promise<void> {
  bind();
  if (isSingle()) {
    // The site is somewhere else, or nowhere.
    for (const part of document.querySelectorAll("[data-site]")) part.matches("nav") ? part.remove() : part.removeAttribute("href");
  }
  const draft = kept();
  isOwn = draft !== undefined;
  const incoming = draft ? { ...draft, skipped: [] } : await asked();
  const { notice } = results;
  await open(incoming ?? { files: [{ ...(notice ? { name: "manifest.yaml", text: "" } : { name: "shop.yaml", text: first }), isOurs: true }], skipped: [] }, notice);
  if (isSingle() || !("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  await serviceWorker.register("sw.js");
  // One of a new version takes over while the page is open.
  serviceWorker.addEventListener("controllerchange", () => serviceWorker.controller?.postMessage("idle"));
  (await serviceWorker.ready).active?.postMessage("idle");
}

void start().catch(fail);
