// What the page and its worker say to each other, and what the module (crates/playground) answers.
// Offsets count UTF-16 units of the editor's text, in which every line end is one.
import type { Decision, Target } from "../../package/decision.js";

export type { Decision, Target };
export type Finding = Decision["findings"][number];
export type Suppressed = Decision["suppressed"][number];
export type Action = Finding["action"];
export type Stage = Finding["stage"];

export interface Place {
  from: number;
  to: number;
  /** From 1. */
  line: number;
  /** The name of the container that it is in. */
  container?: string;
}

/** An object that was judged. */
export interface Judged {
  /** Its document in the file, from 0. */
  document: number;
  /** JSON Pointer in the document. */
  pointer: string;
  place: Place;
  /** One for each finding. */
  places: Place[];
  suppressed: Place[];
  decision: Decision;
  /** Whether it is the object of an AdmissionReview. */
  review: boolean;
}

/** What cannot be judged, or is wrong with settings. */
export interface Problem {
  message: string;
  help?: string;
  from: number;
  to: number;
  /** Whether it is only worth a note. */
  note: boolean;
}

export type Count = Record<Action, number>;

export interface FileReport {
  name: string;
  objects: Judged[];
  /** Objects beyond those of which there is more than their number to say. */
  omitted: Count & { objects: number };
  problems: Problem[];
}

export interface Node {
  name: string;
  os: string | null;
  taints: string[];
}

/** Those files that were judged anew. */
export interface Report {
  files: FileReport[];
  nodes: Node[];
}

/** The settings in force, as far as the page shows them. */
export interface Cluster {
  /** Of every Windows node; absent where nothing is known. */
  taints?: string[];
  windows: boolean;
}

export interface Configured {
  errors: Problem[];
  cluster: Cluster;
  /** The settings in force. */
  settings: Settings;
}

export interface Settings {
  platform?: string;
  kubernetes?: { version?: string };
  windows?: { present?: boolean; builds?: number[]; taints?: { key: string; value?: string; effect: string }[] };
  cni?: string;
  [other: string]: unknown;
}

export interface Edit {
  from: number;
  to: number;
  insert: string;
}

/** Edits, each round of the text that the one before left. */
export interface Rounds {
  rounds: Edit[][];
}

export interface Fixed extends Rounds {
  name: string;
  /** How many findings of which rule went away. */
  fixes: Record<string, number>;
  failures: string[];
}

export interface Location {
  /** Lines and columns from 1, columns in characters. */
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** What `transom-port` says that a person must decide. */
export interface PortDecision {
  state: string;
  file: string;
  object: string;
  container?: string;
  /** In the ported text. */
  location: Location;
  rule: string;
  name: string;
  severity: "error" | "warning" | "info";
  what: string;
  why: string;
  options: string[];
}

export interface Ported {
  files: (Rounds & { name: string })[];
  decisions: PortDecision[];
  /** The objects that stay as they are. */
  untouched: { file: string; object: string; location: Location; why: string }[];
}

export type Failed = { error: string };

/** What one can ask of the worker: its argument and its answer. */
export interface Calls {
  start: { argument: { module: ArrayBuffer; today: string }; answer: null };
  configure: { argument: { text: string }; answer: Configured };
  /** Texts of files by name; null closes one. */
  put: { argument: { files: Record<string, string | null> }; answer: null };
  check: { argument: object; answer: Report };
  fix: { argument: { name: string; document: number; pointer: string; finding: number }; answer: Rounds | Failed };
  fixAll: { argument: object; answer: Fixed[] };
  port: { argument: object; answer: Ported | Failed };
  locate: { argument: { name: string; document: number; pointer: string; path: string }; answer: Place | null };
  review: { argument: { name: string; document: number; pointer: string }; answer: unknown };
  /** Lines for a shell that apply the safe fixes to what runs. */
  kubectl: { argument: object; answer: string };
  whatIf: { argument: { variants: Settings[] }; answer: (Count | null)[] };
  /** Help for settings text, by their schema as JSON. */
  suggest: { argument: { text: string; schema: string; at: number }; answer: Suggestions };
  describe: { argument: { text: string; schema: string; at: number }; answer: Described | null };
  /** Settings text with one field set, or taken out where the value is null. */
  set: { argument: { text: string; path: string[]; value: unknown }; answer: Rounds | Failed };
}

/** What may stand at a place of settings, and what of it has been typed. */
export interface Suggestions {
  from: number;
  to: number;
  items: { label: string; insert: string; about: string | null; isField: boolean; isQuoted: boolean }[];
}

/** A field of settings. */
export interface Described {
  from: number;
  to: number;
  name: string;
  about: string | null;
  values: string[];
}

export type Call = keyof Calls;
export type Question = { [C in Call]: { id: number; call: C; argument: Calls[C]["argument"] } }[Call];
export type Answer = { id: number; answer: unknown; milliseconds: number } | { id: number; error: string };
