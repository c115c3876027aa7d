// The worker: all that is slow, or that knows YAML or Kubernetes.
import { initSync, Playground } from "../module/playground.js";
import type { Answer, Call, Calls, Question } from "./protocol.js";
import { unpack } from "./unpack.js";

let playground: Playground | undefined;

const desk = (): Playground => {
  if (!playground) throw new Error("the module is not loaded yet");
  return playground;
};

const answers: { [C in Call]: (argument: Calls[C]["argument"]) => unknown } = {
  start({ module, today }) {
    initSync({ module: unpack(new Uint8Array(module)) });
    playground = new Playground(today);
    return null;
  },
  configure: ({ text }) => JSON.parse(desk().configure(text)),
  put({ files }) {
    for (const [name, text] of Object.entries(files)) {
      if (text === null) desk().remove(name);
      else desk().put(name, text);
    }
    return null;
  },
  check: () => JSON.parse(desk().check()),
  fix: ({ name, document, pointer, finding }) => JSON.parse(desk().fix(name, document, pointer, finding)),
  fixAll: () => JSON.parse(desk().fix_all()),
  port: () => JSON.parse(desk().port()),
  locate: ({ name, document, pointer, path }) => JSON.parse(desk().locate(name, document, pointer, path)),
  review: ({ name, document, pointer }) => JSON.parse(desk().review(name, document, pointer)),
  kubectl: () => desk().kubectl(),
  whatIf: ({ variants }) => JSON.parse(desk().what_if(JSON.stringify(variants))),
  suggest: ({ text, schema, at }) => JSON.parse(desk().suggest(text, schema, at)),
  describe: ({ text, schema, at }) => JSON.parse(desk().describe(text, schema, at)),
  set: ({ text, path, value }) => JSON.parse(desk().set(text, JSON.stringify(path), JSON.stringify(value))),
};

self.onmessage = ({ data }: MessageEvent<Question>) => {
  const start = performance.now();
  let answer: Answer;
  try {
    const call = answers[data.call] as (argument: unknown) => unknown;
    answer = { id: data.id, answer: call(data.argument), milliseconds: performance.now() - start };
  } catch (error) {
    answer = { id: data.id, error: String(error) };
  }
  self.postMessage(answer);
};
