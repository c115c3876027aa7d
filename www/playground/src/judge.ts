// The worker as the page sees it.
import { asset, isSingle, LEAN, startWorker, WHOLE } from "./assets.js";
import type { Answer, Call, Calls, Report } from "./protocol.js";

export class Judge {
  /** How long the last check took, in milliseconds of the worker. */
  lastCheck = 0;
  readonly ready: Promise<void>;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, { resolve(answer: never): void; reject(error: Error): void; call: Call }>();
  #isReady = false;
  #next = 0;
  /** Texts that the worker does not have yet. */
  #dirty: Record<string, string | null> = {};
  #running: Promise<void> | undefined;
  #again: Promise<void> | undefined;

  constructor(module = isSingle() ? WHOLE : LEAN) {
    this.ready = this.#start(module);
  }

  async #start(name: string): Promise<void> {
    // Both at once.
    const [worker, module] = await Promise.all([startWorker(), asset(name)]);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#take(data);
    worker.onerror = (event) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message || "the worker failed"));
      this.#waiting.clear();
    };
    this.#worker = worker;
    await this.#send("start", { module, today: new Date().toISOString().slice(0, 10) }, [module]);
    this.#isReady = true;
  }

  /** Asks the worker, once the module is there. It has the newest texts by then. */
  async ask<C extends Call>(call: C, argument: Calls[C]["argument"]): Promise<Calls[C]["answer"]> {
    // At once where that is possible: whoever asks next finds nothing left to be judged.
    if (!this.#isReady) await this.ready;
    this.#flush();
    return this.#send(call, argument);
  }

  /** A text that changed; null where the file was closed. */
  put(name: string, text: string | null): void {
    this.#dirty[name] = text;
  }

  /** Whether there are changes that nobody has judged yet. */
  get isBehind(): boolean {
    return this.#running !== undefined || this.#isDirty;
  }

  get #isDirty(): boolean {
    return Object.keys(this.#dirty).length > 0;
  }

  /**
   * Judges what has changed, and gives it to `take`. While the worker is at it nothing else is sent, however
   * much is typed: what comes in between is judged once, in its last state.
   */
  check(take: (report: Report) => void): Promise<void> {
    if (this.#running && !this.#isDirty) return this.#running;
    if (this.#running) {
      this.#again ??= this.#running.catch(() => undefined).then(() => {
        this.#again = undefined;
        return this.check(take);
      });
      return this.#again;
    }
    this.#running = this.ask("check", {})
      .finally(() => (this.#running = undefined))
      .then(take);
    return this.#running;
  }

  #flush(): void {
    if (!this.#isDirty) return;
    const files = this.#dirty;
    this.#dirty = {};
    void this.#send("put", { files });
  }

  #send<C extends Call>(call: C, argument: Calls[C]["argument"], transfer: Transferable[] = []): Promise<Calls[C]["answer"]> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, call });
      this.#worker?.postMessage({ id, call, argument }, transfer);
    });
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (!waiting) return;
    if ("error" in answer) return waiting.reject(new Error(answer.error));
    if (waiting.call === "put") this.lastCheck = answer.milliseconds;
    if (waiting.call === "check") this.lastCheck += answer.milliseconds;
    waiting.resolve(answer.answer as never);
  }
}
