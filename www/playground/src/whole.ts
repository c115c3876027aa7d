// What comes with the press of a button: the whole of the module, in a worker of its own.
import { WHOLE } from "./assets.js";
import { Judge } from "./judge.js";
import type { Call, Calls, Settings } from "./protocol.js";

/** What is open on the page. */
export interface Open {
  texts: { name: string; text: string }[];
  settings: Settings;
}

export class Whole {
  #judge: Judge | undefined;
  /** What the worker has. */
  #texts = new Map<string, string>();
  #settings: Settings | undefined;

  /** Starts the worker, so that the first question is answered sooner. */
  start(): Judge {
    if (this.#judge) return this.#judge;
    const judge = new Judge(WHOLE);
    // What could not be loaded is tried again with the next question.
    judge.ready.catch(() => {
      this.#judge = undefined;
      this.#texts.clear();
      this.#settings = undefined;
    });
    return (this.#judge = judge);
  }

  /** Asks the worker about what is open, which it judges first. */
  async ask<C extends Call>(call: C, argument: Calls[C]["argument"], { texts, settings }: Open): Promise<Calls[C]["answer"]> {
    const judge = this.start();
    await judge.ready;
    const now = new Map(texts.map(({ name, text }) => [name, text]));
    for (const name of this.#texts.keys()) if (!now.has(name)) judge.put(name, null);
    for (const [name, text] of now) if (this.#texts.get(name) !== text) judge.put(name, text);
    this.#texts = now;
    if (this.#settings !== settings) void judge.ask("configure", { text: JSON.stringify(settings) });
    this.#settings = settings;
    void judge.ask("check", {});
    return judge.ask(call, argument);
  }
}
