import type { Severity, Stage } from "./decision.js";

export * from "./core.js";

/** What a rule says about itself. */
export interface Rule {
  /** Such as `WIN101`; never changes its meaning */
  readonly id: string;
  /** Such as `windows-pod-not-pinned` */
  readonly name: string;
  /** The defect in one sentence */
  readonly summary: string;
  readonly severity: Severity;
  readonly stage: Stage;
  /** The release that brought it */
  readonly since: string;
  /** The whole page in Markdown: what really happens, examples of what is wrong and of what is right */
  readonly documentation: string;
  /** Of the page, what to do instead */
  readonly remedy: string;
  /** Texts of the errors it saves one from */
  readonly errors: readonly string[];
  /** Where the facts are from */
  readonly sources: readonly string[];
}

/** All rules, by id. */
export declare function rules(): readonly Rule[];

/** The rule of this id or name; else those that find the cause of this error, the likeliest first. */
export declare function explain(ruleOrErrorText: string): Rule[];
