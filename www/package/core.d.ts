import type { Decision, Finding, Patch } from "./decision.js";
import type { Settings } from "./settings.js";

export type * from "./decision.js";
export type { Settings } from "./settings.js";

export type Fix = NonNullable<Finding["fix"]>;
export type Operation = Patch[number];

/**
 * What can be judged: a Kubernetes object, a List, an AdmissionRequest or an AdmissionReview, or any of
 * them in an {@link Envelope}. As a value that JSON can hold, as JSON text, or as its bytes in UTF-8.
 *
 * Of a value counts what `JSON.stringify` would write: what `toJSON` gives, and no method, symbol or `undefined`.
 * What it would lose without a word is a `TypeError` that names the place: a Map, a Set, a Promise, NaN. So is
 * what it cannot write: a BigInt, or an object that stands in itself.
 */
export type Input = object | string | ArrayBuffer | ArrayBufferView;

/** What is known beside the input, for this one call. */
export interface Options {
  /** In place of the settings in force. */
  settings?: Settings | null;
  /** Other objects that rules may look up: Nodes, RuntimeClasses, Namespaces, the rest of the set. */
  context?: readonly object[];
  /** When suppressions are judged; without it, on the day of this release. A date (`2027-01-31`), or one with a time. */
  now?: Date | string;
  /** Comments for transom in the text that the object came from. */
  comments?: readonly Comment[];
}

/** A comment, without its mark, and the JSON Pointers of what is beside and below it. */
export interface Comment {
  text: string;
  at?: readonly string[];
  below?: readonly string[];
}

/** Options and input in one; what it has of its own counts more than options. */
export interface Envelope extends Options {
  request: object;
}

/** What became of settings. Where they are wrong, the old ones stay in force. */
export interface Verdict {
  valid: boolean;
  errors: SettingsMistake[];
}

export interface SettingsMistake {
  /** JSON Pointer into the settings */
  path: string;
  message: string;
}

/** The answer to an AdmissionReview. */
export interface AdmissionReview {
  apiVersion: string;
  kind: "AdmissionReview";
  response: {
    allowed: boolean;
    uid: string;
    status?: { code: number; message: string; reason: string };
    warnings?: string[];
    auditAnnotations?: Record<string, string>;
    /** A JSON Patch in base64, where the settings say `mutate: safe` */
    patch?: string;
    patchType?: "JSONPatch";
  };
}

/** Judges by settings of its own. */
export interface Judge {
  /** Takes new settings, as an object or as JSON; wrong ones leave the old ones in force. */
  configure(settings: Settings | null | string | ArrayBuffer | ArrayBufferView): Verdict;
  /**
   * Judges one input; any that is JSON, or should be, gets a Decision.
   *
   * @throws {TypeError} for what no JSON can hold, see {@link Input}, and for options that there are not.
   */
  evaluate(input: Input, options?: Options): Decision;
  /** Answers an AdmissionReview. */
  review(input: Input, options?: Options): AdmissionReview;
}

export declare class Transom implements Judge {
  /** @throws {SettingsError} if the settings are wrong. */
  constructor(settings?: Settings | null | string | ArrayBuffer | ArrayBufferView);
  configure(settings: Settings | null | string | ArrayBuffer | ArrayBufferView): Verdict;
  evaluate(input: Input, options?: Options): Decision;
  review(input: Input, options?: Options): AdmissionReview;
}

export declare class SettingsError extends Error {
  readonly errors: SettingsMistake[];
}

/** {@link Judge.configure} of the Transom that the functions of this module share. */
export declare function configure(settings: Settings | null | string | ArrayBuffer | ArrayBufferView): Verdict;
/** {@link Judge.evaluate} by the settings of {@link configure}. */
export declare function evaluate(input: Input, options?: Options): Decision;
/** {@link Judge.review} by the settings of {@link configure}. */
export declare function review(input: Input, options?: Options): AdmissionReview;

/**
 * A copy of the object with all safe fixes of a Decision, with one fix, or with a JSON Patch (RFC 6902). It takes
 * the values that `evaluate` takes, no text and no bytes, and the copy is of what JSON has of them.
 *
 * @throws {TypeError} for what no JSON can hold, see {@link Input}.
 * @throws {Error} if an operation does not apply to the object.
 */
export declare function applyFixes<T extends object>(object: T, fixes: Decision | Finding | Fix | readonly JsonPatchOperation[]): T;

/** Any operation of RFC 6902; fixes have `add`, `remove` and `replace` only. */
export interface JsonPatchOperation {
  op: "add" | "copy" | "move" | "remove" | "replace" | "test";
  path: string;
  from?: string;
  value?: unknown;
}
