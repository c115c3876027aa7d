// What comes in: files and folders that are opened or dropped, examples, and what an address asks for.
import { isSingle, json } from "./assets.js";
import { $ } from "./dom.js";
import { fail } from "./say.js";

/** Files of a folder that are read; more of them is no set of manifests but a disk. */
const MOST_FILES = 2_000;
const IS_MANIFEST = /\.(?:ya?ml|json)$/i;
/** What settings are called, and what somebody may call them. A manifest may have the same name. */
const IS_SETTINGS = /(?:^|\/)transom\.ya?ml$/;
const IS_OBJECT = /^\ufeff?apiVersion:/m;
/** Folders of others' files. */
const SKIPPED = /^(?:node_modules|\..+)$/;

/** A file that comes in. */
export interface Coming {
  name: string;
  text: string;
  /** Whether the page gave it its name. */
  isOurs?: boolean;
  /** As it was opened, where it may have been changed since. */
  from?: { text: string; ends?: string[] | undefined; hasMark: boolean };
}

export interface Incoming {
  files: Coming[];
  settings?: string;
  /** What was left out, and why. */
  skipped: string[];
}

/** `examples.json`: applications first, then the Bad block of every rule. */
export interface Examples {
  applications: Record<string, { title: string; about: string; text: string }>;
  rules: Record<string, { id: string; family: string; summary: string; text: string; settings?: string }>;
}

export async function example(name: string): Promise<Incoming> {
  const { applications, rules } = await json<Examples>("examples.json");
  const wanted = name.toLowerCase();
  const [known] = Object.entries(rules).find(([key, { id }]) => key === wanted || id.toLowerCase() === wanted) ?? [wanted];
  const rule = Object.hasOwn(rules, known) ? rules[known] : undefined;
  const found = Object.hasOwn(applications, known) ? applications[known] : rule;
  if (!found) throw new Error(`There is no example ${name}`);
  return { files: [{ name: `${known}.yaml`, text: found.text, isOurs: true }], settings: rule?.settings ?? "", skipped: [] };
}

/**
 * What the address asks for: `#s=` a shared text, `#example=` an example, `?text=` a text itself, `?url=` a
 * file beside the page.
 */
export async function fromAddress(): Promise<Incoming | undefined> {
  // Some programs write = as %3D in links.
  const hash = location.hash.replace(/^#(s|example)%3D/i, "#$1=");
  if (hash.startsWith("#s=")) return { ...(await (await import("./share.js")).decode(hash.replaceAll("%3D", "="))), skipped: [] };
  const name = new URLSearchParams(hash.slice(1)).get("example");
  if (name) return example(name);
  if (hash.length > 1) throw new Error(`Nothing is known of ${hash.slice(0, 40)}, so nothing was opened`);
  const query = new URLSearchParams(location.search);
  const text = query.get("text");
  if (text !== null) return { files: [{ name: "manifest.yaml", text, isOurs: true }], skipped: [] };
  const url = query.get("url");
  if (url === null) return undefined;
  if (isSingle()) throw new Error("This page is one file that loads nothing else, so not what ?url= names: open or paste it instead");
  const from = new URL(url, location.href);
  if (from.origin !== location.origin) throw new Error(`This page asks nobody else for anything, so not for ${from.origin}: paste the text instead`);
  const response = await fetch(from);
  if (!response.ok) throw new Error(`${from.pathname}: ${response.status} ${response.statusText}`);
  return { files: [{ name: from.pathname.split("/").at(-1) || "manifest.yaml", text: await response.text() }], skipped: [] };
}

/** A text of a file, or why it is none. */
async function textOf(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  if (bytes.includes(0)) throw new Error("a binary file");
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Texts of files in the order of their names; the transom.yaml nearest to the top is the settings. */
export async function read(list: { name: string; file: File }[]): Promise<Incoming> {
  const incoming: Incoming = { files: [], skipped: [] };
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const depth = ({ name }: { name: string }) => name.split("/").length;
  const ours = list.filter(({ name }) => IS_SETTINGS.test(name)).sort((a, b) => depth(a) - depth(b));
  const others = list.filter(({ name }) => !IS_SETTINGS.test(name)).sort(byName);
  for (const { name, file } of [...ours, ...others.slice(0, MOST_FILES)]) {
    try {
      const text = await textOf(file);
      if (!IS_SETTINGS.test(name) || IS_OBJECT.test(text)) incoming.files.push({ name, text });
      else if (name.endsWith(".yml")) incoming.skipped.push(`${name}: settings are read from transom.yaml alone: rename it`);
      else if (incoming.settings === undefined) incoming.settings = text;
      else incoming.skipped.push(`${name}: settings of a folder`);
    } catch (error) {
      incoming.skipped.push(`${name}: ${error instanceof TypeError ? "not UTF-8" : (error as Error).message}`);
    }
  }
  if (others.length > MOST_FILES) incoming.skipped.push(`${others.length - MOST_FILES} files beyond ${MOST_FILES}`);
  incoming.files.sort(byName);
  return incoming;
}

async function walk(entry: FileSystemEntry, path: string, found: { name: string; file: File }[]): Promise<void> {
  const name = path + entry.name;
  if (entry.isFile) {
    if (path === "" || IS_MANIFEST.test(entry.name)) {
      found.push({ name, file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) });
    }
    return;
  }
  if (SKIPPED.test(entry.name)) return;
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives a hundred at a time.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const below of entries) await walk(below, `${name}/`, found);
  }
}

/** Takes in what is dropped, opened, or chosen among the examples. */
export function listen(take: (incoming: Incoming) => void): void {
  const shield = $("drop");
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) shield.hidden = false;
  });
  addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  shield.addEventListener("dragleave", () => (shield.hidden = true));
  // Before the editor sees it, which would put the text in at the pointer.
  addEventListener(
    "drop",
    (event) => {
      shield.hidden = true;
      if (!carriesFiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      const entries = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
      const found: { name: string; file: File }[] = [];
      void (async () => {
        for (const entry of entries) await walk(entry, "", found);
        take(await read(found));
      })().catch(fail);
    },
    { capture: true },
  );
  for (const id of ["open-input", "folder-input"]) {
    const input = $<HTMLInputElement>(id);
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
      const manifests = id === "folder-input" ? files.filter(({ name }) => IS_MANIFEST.test(name) && !name.split("/").some((part) => SKIPPED.test(part))) : files;
      input.value = "";
      read(manifests).then(take, fail);
    });
  }
  $("open-button").addEventListener("click", () => void import("./choose.js").then(({ chooseFiles }) => chooseFiles(), fail));
  $("examples-button").addEventListener("click", () => void import("./choose.js").then(({ chooseExample }) => chooseExample(take), fail));
}
