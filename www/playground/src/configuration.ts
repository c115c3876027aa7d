// Settings as they are typed, set by controls and brought by links: which are in force, and what a change of
// them brings and takes.
import type { ChangeSet } from "@codemirror/state";
import { composed, lines } from "./editor.js";
import type { Judge } from "./judge.js";
import type { Configured } from "./protocol.js";
import type { Results } from "./results.js";
import { say } from "./say.js";
import { type Known, known, type OpenFile, type Store } from "./store.js";
import { counted } from "./words.js";
import type { Fields } from "./whatif.js";

export interface Host {
  store: Store;
  results: Results;
  judge: Judge;
  /** Asks for what comes with the press of a button. */
  ask: Judge["ask"];
  /** Judges everything anew and shows it. */
  check(): Promise<void>;
  /** Shows what is in force. */
  show(configured: Configured): void;
  /** Somebody changed the settings here. */
  changed(): void;
  /** What a change brings and takes is known. */
  compared(): Promise<void>;
}

export class Configuration {
  /** What the last change brought and took. */
  difference: [before: Map<string, Known>, after: Map<string, Known>] | undefined;
  readonly #host: Host;
  /** What changes settings, one after the other, and how much of it is not done. */
  #turn: Promise<unknown> = Promise.resolve();
  #turns = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Whether others have the turn. */
  get isBusy(): boolean {
    return this.#turns > 0;
  }

  /**
   * Takes settings and says what they bring and take. Wrong ones leave those in force that were, where they do not
   * come with other files; what is wrong is given.
   */
  take(text: string, compare = true): Promise<string | undefined> {
    const { store, judge } = this.#host;
    // At once: others start from it.
    store.settings.text = text;
    return this.#inTurn(async () => {
      // There is a newer text, whose turn comes.
      if (store.settings.text !== text) return undefined;
      const before = known(store.files);
      let configured = await judge.ask("configure", { text });
      const { errors } = configured;
      if (errors.length > 0 && !compare) configured = { ...(await judge.ask("configure", { text: "" })), errors };
      await this.#took(configured, before, compare);
      return errors[0] && `Settings not applied: ${errors[0].message}`;
    });
  }

  /** Sets fields of the settings; or says why that is not applied. */
  set(fields: Fields): Promise<string | undefined> {
    return this.#inTurn(() => this.#setIn(this.#host.store.files, fields)).catch((error: Error) => this.#refused(error.message));
  }

  async #setIn(files: OpenFile[], fields: Fields): Promise<string | undefined> {
    const { store, judge, ask } = this.#host;
    const former = store.settings.text;
    let text = former;
    for (const [path, value] of fields(store.settings.configured.settings)) {
      const answer = await ask("set", { text, path, value });
      if ("error" in answer) return this.#refused(answer.error);
      const changes: ChangeSet = composed(lines(text), answer.rounds);
      text = changes.apply(lines(text)).toString();
    }
    if (text.trim() === "{}") text = "";
    const before = known(store.files);
    const configured = await judge.ask("configure", { text });
    if (store.settings.text !== former) {
      // What was typed meanwhile stays; what came with other files has nothing to do with it.
      return store.files === files ? this.#setIn(files, fields) : undefined;
    }
    const [first] = configured.errors;
    // The settings stay as they were, and so does what is said about them.
    if (first) return this.#refused(first.message);
    store.settings.text = text;
    await this.#took(configured, before, true);
    return undefined;
  }

  /** Shows what became of the settings; `before` was known without them. */
  async #took(configured: Configured, before: Map<string, Known>, compare: boolean): Promise<void> {
    const { store, results, check, show, changed, compared } = this.#host;
    if (compare) changed();
    store.settings.configured = configured;
    store.cluster = configured.cluster;
    show(configured);
    await check();
    const after = known(store.files);
    const isWrong = configured.errors.length > 0;
    results.fresh = new Set(compare && !isWrong ? [...after.keys()].filter((key) => !before.has(key)) : []);
    results.show(store);
    this.difference = compare && !isWrong ? [before, after] : undefined;
    await compared();
    if (!compare || isWrong) return;
    const more = results.fresh.size;
    const gone = [...before.keys()].filter((key) => !after.has(key)).length;
    say(more + gone === 0 ? "The same findings" : `${counted(more, "finding")} more, ${gone} gone`);
  }

  #refused(why: string): string {
    const { store, show } = this.#host;
    // The control at the top shows what is in force.
    show(store.settings.configured);
    say(`Not applied: ${why}`);
    return why;
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    this.#turns++;
    const mine = this.#turn.then(act).finally(() => this.#turns--);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}
