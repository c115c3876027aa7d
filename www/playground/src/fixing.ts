// What the module changes in files when somebody asks for it: one fix, all of them, and all that a port takes.
import { $ } from "./dom.js";
import type { Files } from "./files.js";
import type { Judge } from "./judge.js";
import type { Mark } from "./marks.js";
import type { Judged } from "./protocol.js";
import { totals } from "./results.js";
import { fail, say } from "./say.js";
import type { OpenFile } from "./store.js";
import { counted, keyOf } from "./words.js";

export interface Host {
  files: Files;
  judge: Judge;
  /** Asks for what comes with the press of a button. */
  ask: Judge["ask"];
  /** Judges what has changed and shows it. */
  check(): Promise<void>;
}

export class Fixing {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Fixes a finding, which is given by its place in the Decision. */
  one(file: OpenFile, object: Judged, finding: number): void {
    void this.#one(file, object, finding).catch(fail);
  }

  /** The first fix at the cursor; gives whether there is one. */
  here([at]: readonly Mark[]): boolean {
    const { active } = this.#host.files.store;
    for (const object of at ? (active.report?.objects ?? []) : []) {
      const index = object.decision.findings.findIndex((finding, index) => finding.fix && object.places[index]?.from === at?.from && object.places[index]?.to === at?.to);
      if (index < 0) continue;
      this.one(active, object, index);
      return true;
    }
    return false;
  }

  async all(): Promise<void> {
    const { files, ask, check } = this.#host;
    const { store } = files;
    const before = new Map(store.files.map((file) => [file, files.textOf(file)]));
    const all = await ask("fixAll", {});
    if (store.files.some((file) => files.textOf(file) !== before.get(file))) return;
    const changed = files.changeAll(all, store.ported);
    const count = all.flatMap(({ fixes }) => Object.values(fixes)).reduce((sum, times) => sum + times, 0);
    await check();
    const failures = all.flatMap(({ failures }) => failures);
    say(failures.length > 0 ? `${counted(count, "finding")} fixed; ${failures[0]}` : `${counted(count, "finding")} fixed${changed.length > 1 ? ` in ${changed.length} files` : ""}. Undo takes it back`);
    focusResults();
  }

  /** Makes all files ones for Windows; gives whether what is left to decide is there to be shown. */
  async port(): Promise<boolean> {
    const { files, ask, check } = this.#host;
    const before = files.texts();
    const answer = await ask("port", {});
    if (files.texts().some(({ text }, index) => text !== before[index]?.text)) return false;
    if ("error" in answer) {
      say(answer.error);
      return false;
    }
    files.changeAll(answer.files, answer);
    await check();
    const left = answer.decisions.length;
    const isBroken = files.store.files.some(({ report }) => report?.problems.some(({ note }) => !note));
    say(answer.files.length === 0 ? (isBroken ? "What can be read has nothing to port: mend the rest first" : "There is nothing to port") : `Ported. ${left === 0 ? "Nothing is left" : counted(left, "thing")} for you to decide`);
    return true;
  }

  async #one(file: OpenFile, object: Judged, finding: number): Promise<void> {
    const { files, judge, ask, check } = this.#host;
    const { store } = files;
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
    const { doc } = files.stateOf(file);
    const answer = await ask("fix", { name: file.name, document: object.document, pointer: object.pointer, finding });
    // Somebody typed while the worker was at it, or opened something else: what it said is about another text.
    if (!store.files.includes(file) || files.stateOf(file).doc !== doc) return;
    if ("error" in answer) return say(answer.error);
    // The editor itself takes back what was done in it.
    if (file === store.active) files.change(file, answer.rounds);
    else files.changeAll([{ name: file.name, ...answer }], store.ported);
    await check();
    const { deny, warn } = totals(store.files);
    say(deny + warn === 0 ? "Fixed: nothing is left" : `Fixed: ${counted(deny, "error")} and ${counted(warn, "warning")} left`);
    focusResults();
  }
}

const focusResults = (): void => $("results").focus({ preventScroll: true });
