// The page: what is open, who judges it, and what is shown of it.
import { isSingle } from "./assets.js";
import type { Changes, Changing } from "./changes.js";
import { Configuration } from "./configuration.js";
import { $, fill, h, icon, sentence } from "./dom.js";
import { keep, kept } from "./draft.js";
import { Editor, lines, origin, rangeOf } from "./editor.js";
import { Files } from "./files.js";
import { Fixing } from "./fixing.js";
import { fromAddress, type Incoming, listen } from "./input.js";
import { Judge } from "./judge.js";
import type { Mark } from "./marks.js";
import type { Output } from "./output.js";
import type { Call, Calls, Configured, Judged, Problem } from "./protocol.js";
import { Results, tip, totals } from "./results.js";
import { announce, announceAnew, fail, messageOf, say, tell } from "./say.js";
import type { OpenFile } from "./store.js";
import { type Tab, Tabs } from "./tabs.js";
import { counted, keyOf, severityOf } from "./words.js";
import type { WhatIf } from "./whatif.js";
import { Whole } from "./whole.js";

/** Squiggles of one file; beyond this nobody looks at each. */
const MOST_MARKS = 3_000;

const judge = new Judge();
const whole = new Whole();
/** What is to be seen before anything is loaded: the page has it. It is seen once before the editor takes its place. */
const first = $("first").textContent ?? "";
if (document.visibilityState === "visible") await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
$("first").remove();
/** Whether there is something that the address does not give again. */
let isOwn = false;

const editor = new Editor($("editor"), "Manifest", { changed, fixHere: (marks) => fixing.here(marks), at, moved, undo: () => step("undo"), redo: () => step("redo") });
const files = new Files({
  editor,
  judge,
  show,
  moved: showButtons,
  cameBack(settings) {
    const same = settings === store.settings.text;
    void (same ? check() : configuration.take(settings, false).then((wrong) => wrong && say(wrong))).catch(fail);
  },
});
const { store } = files;
const fixing = new Fixing({ files, judge, ask: askWhole, check });
const results = new Results($("panel-findings"), {
  jump,
  async jumpTo(file, object, path) {
    const place = await judge.ask("locate", { name: file.name, document: object.document, pointer: object.pointer, path });
    if (place) jump(file, place.from, place.to);
  },
  fix: (file, object, finding) => fixing.one(file, object, finding),
  fixAll: () => void fixing.all().catch(fail),
  review: (file, object) => review(file.name, object),
});
const configuration = new Configuration({
  store,
  results,
  judge,
  ask: askWhole,
  check,
  show: showSettings,
  changed: () => (isOwn = true),
  compared: async () => {
    if (tabs.selected === "whatif") await showWhatIf();
  },
});
const tabs = new Tabs((tab) => {
  refresh(tab);
  if (tab === "whatif") void showWhatIf().catch(fail);
});

// What is not seen at first is loaded when it is asked for.
const output = once(async (): Promise<Output> => {
  const { Output } = await import("./output.js");
  return new Output($("panel-output"), { store, texts: () => files.texts(), origin: (file) => files.stateOf(file).field(origin), ask: askWhole, review });
});
const changes = once(async (): Promise<Changes> => {
  const { Changes } = await import("./changes.js");
  const panel: Changes = new Changes($("panel-changes"), {
    jump(name, location) {
      const file = store.files.find((other) => other.name === name);
      if (!file) return;
      const { from, to } = rangeOf(files.stateOf(file).doc, location);
      jump(file, from, to);
    },
    open: (name) => show(store.files.find((other) => other.name === name) ?? store.active),
    takeBack() {
      files.changeAll(panel.back(changing()), undefined);
      void check().catch(fail);
    },
  });
  return panel;
});
const whatIf = once(async (): Promise<WhatIf> => {
  const { WhatIf } = await import("./whatif.js");
  return new WhatIf($("panel-whatif"), { store, set: (fields) => configuration.set(fields), setText: (text) => void configuration.take(text).catch(fail), ask: askWhole });
});

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

/** Puts other files in the place of those that are open, or other settings where no files come. */
async function open({ files: coming, settings, skipped }: Incoming, notice = ""): Promise<void> {
  if (coming.length > 0) {
    results.notice = notice;
    announceAnew();
    files.open(coming, settings ?? "");
  } else if (settings === undefined) {
    return say(skipped.length > 0 ? `Nothing could be read: ${skipped[0]}` : "There is no manifest in it");
  }
  let wrong: string | undefined;
  if (settings === undefined) {
    await check();
  } else {
    // Whoever has the turn may keep it for long: what is said until then is about these files.
    if (configuration.isBusy) void check().catch(fail);
    // As their editor has them: without a mark, and with line ends of one kind.
    wrong = await configuration.take(lines(settings.replace(/^\ufeff/, "")).toString(), coming.length === 0);
  }
  const left = skipped.length > 0 && `${counted(skipped.length, "file")} left out: ${skipped.slice(0, 3).join("; ")}`;
  if (wrong || left) say([wrong, left].filter(Boolean).join(". "));
}

/** Shows a file in the editor. */
function show(file: OpenFile): void {
  files.activate(file);
  moved();
  showFiles();
  $("files").querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  showMarks();
  showButtons();
  refresh(tabs.selected);
}

/** The text in the editor changed. */
function changed(isOther: boolean): void {
  if (isOther) announceAnew();
  isOwn = true;
  if (files.changed(isOther)) void check().catch(fail);
}

/** Judges what has changed and shows it. */
function check(): Promise<void> {
  return judge.check((report) => {
    for (const fresh of report.files) {
      const file = store.files.find(({ name }) => name === fresh.name);
      if (file) file.report = fresh;
    }
    store.nodes = report.nodes;
    render();
  });
}

function render(): void {
  results.show(store);
  showMarks();
  showFiles();
  const { deny, warn, info } = totals(store.files);
  const found = [deny > 0 && counted(deny, "error"), warn > 0 && counted(warn, "warning"), info > 0 && counted(info, "note")].filter(Boolean).join(", ") || "no findings";
  announce(found);
  $("status").textContent = `${found} · judged in ${judge.lastCheck < 10 ? judge.lastCheck.toFixed(1) : Math.round(judge.lastCheck)} ms`;
  fill($("count"), deny + warn > 0 ? String(deny + warn) : "");
  $("count").className = `badge ${deny > 0 ? "error" : "warning"}`;
  document.body.dataset["judged"] = String(Number(document.body.dataset["judged"] ?? 0) + 1);
  refresh(tabs.selected);
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
      return [{ from: place.from, to: place.to, severity: severityOf(finding.action), key: keyOf(file.name, object, finding), show: () => tip(finding, () => fixing.one(file, object, index)) }];
    }),
  );
  editor.mark([...problems, ...findings].slice(0, MOST_MARKS));
}

const problemTip = (problem: Problem): HTMLElement =>
  h("div", { class: `tip ${problem.note ? "info" : "error"}` }, h("p", { class: "message" }, icon(problem.note ? "info" : "error"), h("span", {}, sentence(problem.message))), problem.help && h("p", {}, sentence(problem.help)));

function showButtons(): void {
  $<HTMLButtonElement>("undo").disabled = !files.canUndo;
  $<HTMLButtonElement>("redo").disabled = !files.canRedo;
}

/** Takes back what was done last, or does it again. */
function step(which: "undo" | "redo"): boolean {
  isOwn = true;
  announceAnew();
  const changed = files.step(which);
  if (!changed) return false;
  void check().catch(fail);
  if (changed.some((file) => file !== store.active)) say(`${which === "undo" ? "Taken back" : "Done again"} in ${changed.length > 1 ? `${changed.length} files` : changed[0]?.name}`);
  return true;
}

/** Says what is there to whoever went from mark to mark, and shows it in the list. */
function at(marks: Mark[]): void {
  tell(marks.map((mark) => mark.show().querySelector(".message")?.textContent ?? "").join(". "));
  const [first] = marks;
  if (first?.key !== undefined && tabs.selected === "findings") results.reveal(first.key);
}

function moved(): void {
  const [line, column] = editor.place;
  $("position").textContent = `line ${line}, column ${column}`;
}

function jump(file: OpenFile, from: number, to: number): void {
  // Something else may have been opened since.
  if (!store.files.includes(file)) return;
  if (file !== store.active) show(file);
  tabs.pane("editor");
  editor.jump(from, to);
}

/** Asks for what comes with the press of a button. */
function askWhole<C extends Call>(call: C, argument: Calls[C]["argument"]): Promise<Calls[C]["answer"]> {
  return whole.ask(call, argument, { texts: files.texts(), settings: store.settings.configured.settings });
}

function review(name: string, object: Judged): Promise<unknown> {
  return askWhole("review", { name, document: object.document, pointer: object.pointer });
}

/** The control at the top shows what is in force. */
function showSettings({ settings: { platform = "" } }: Configured): void {
  $<HTMLSelectElement>("platform").value = platform === "generic" ? "" : platform;
}

async function showWhatIf(): Promise<void> {
  const panel = await whatIf();
  await panel.open();
  panel.show();
  panel.difference(configuration.difference);
}

/** Makes all files ones for Windows, and shows what is left to decide. */
async function port(): Promise<void> {
  if (await fixing.port()) tabs.select("changes");
}

async function share(): Promise<void> {
  const panel = await output();
  const link = await panel.link();
  history.replaceState(null, "", link);
  await panel.copy(link, "Link");
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
  return store.files.map((file) => ({ name: file.name, original: files.stateOf(file).field(origin).text, now: files.stateOf(file).doc, isActive: file === store.active }));
}

function bind(): void {
  // Whoever touches the page will soon press a button that needs the whole.
  const startWhole = (): void => void judge.ready.then(() => whole.start(), fail);
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, startWhole, { once: true, capture: true });
  $("undo").addEventListener("click", () => step("undo"));
  $("redo").addEventListener("click", () => step("redo"));
  $("port-button").addEventListener("click", () => void port().catch(fail));
  $("share-button").addEventListener("click", () => {
    tabs.select("output");
    void share().catch(fail);
  });
  $<HTMLSelectElement>("platform").addEventListener("change", (event) => {
    const { value } = event.target as HTMLSelectElement;
    void configuration.set(() => [[["platform"], value || null]]);
  });
  listen((incoming) => {
    isOwn = true;
    void open(incoming).catch(fail);
  });
  addEventListener("hashchange", () => void openAddress().catch(fail));
  const leave = (): void => keep(isOwn ? { files: store.files.map((file) => files.closed(file)), settings: store.settings.text } : undefined);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  // The address holds what is open: links within the page leave it alone.
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    tabs.pane(tabs.selected);
    $("results").focus();
  });
}

/** What the address asks for; what is wrong with it is said until something is opened. */
async function asked(): Promise<Incoming | undefined> {
  try {
    return await fromAddress();
  } catch (error) {
    results.notice = messageOf(error);
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
