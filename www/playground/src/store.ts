// The files that are open, what was found in them, and who wants to know of changes.
import type { EditorState } from "@codemirror/state";
import type { Cluster, Configured, FileReport, Finding, Judged, Node, Ported } from "./protocol.js";
import { keyOf, nameOf } from "./words.js";

export interface OpenFile {
  name: string;
  /** The line end that it came with. */
  lineEnd: "\n" | "\r\n";
  /** Whether it began with a byte order mark. */
  hasMark: boolean;
  /** Whether the page gave it its name. */
  isOurs: boolean;
  /** Where it is not the one in the editor. */
  state: EditorState;
  report: FileReport | undefined;
}

export interface Store {
  files: OpenFile[];
  active: OpenFile;
  nodes: Node[];
  cluster: Cluster;
  settings: { text: string; configured: Configured };
  /** What the last port left for a person to decide. */
  ported: Ported | undefined;
}

/** Every object that was judged, with its file. */
export function* judged(files: readonly OpenFile[]): Generator<{ file: OpenFile; object: Judged }> {
  for (const file of files) for (const object of file.report?.objects ?? []) yield { file, object };
}

/** How many objects were only counted. */
export const omitted = (files: readonly OpenFile[]): number => files.reduce((sum, { report }) => sum + (report?.omitted.objects ?? 0), 0);

/** A finding as it was before the settings changed. */
export interface Known {
  file: string;
  object: string;
  finding: Finding;
}

export function known(files: readonly OpenFile[]): Map<string, Known> {
  const all = new Map<string, Known>();
  for (const { file, object } of judged(files)) {
    for (const finding of object.decision.findings) all.set(keyOf(file.name, object, finding), { file: file.name, object: nameOf(object), finding });
  }
  return all;
}
