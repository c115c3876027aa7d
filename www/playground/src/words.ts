// Words for what the module says in one.
import type { Action, Finding, Judged, Stage } from "./protocol.js";

export type Severity = Finding["severity"];

/** The severity that settings leave a finding. */
export const severityOf = (action: Action): Severity => ({ deny: "error", warn: "warning", info: "info" } as const)[action];

/** Where a pod comes by on its way, and what it is like to fail there. */
export const STAGES: readonly { stage: Stage; name: string; says: string }[] = [
  { stage: "api-server", name: "API server", says: "The API server refuses the object" },
  { stage: "scheduler", name: "scheduler", says: "The pod stays Pending, or lands on the wrong node" },
  { stage: "kubelet", name: "kubelet", says: "The kubelet refuses the pod, or cannot prepare it" },
  { stage: "image-pull", name: "image pull", says: "The image cannot be pulled or unpacked" },
  { stage: "runtime", name: "runtime", says: "The sandbox or the container cannot be made" },
  { stage: "process", name: "process", says: "The process does not start, or does not do what was meant" },
];

/** Where one would have met it, in a few words. */
export function failsAt(stage: Stage): string {
  const known = STAGES.find((known) => known.stage === stage);
  return known ? `fails at: ${known.name}` : "ignored in silence";
}

export const stageSays = (stage: Stage): string =>
  STAGES.find((known) => known.stage === stage)?.says ?? "All of them let it pass, and it is ignored in silence";

/** `Deployment shop/web` */
export function nameOf({ decision: { object } }: Judged): string {
  if (!object) return "Object";
  if (!object.name) return object.kind;
  return `${object.kind} ${object.namespace ? `${object.namespace}/` : ""}${object.name}`;
}

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** What says the same about the same place, whatever the settings. */
export const keyOf = (file: string, judged: Judged, { rule, path, message }: Finding): string =>
  [file, judged.document, judged.pointer, rule, path, message].join("\n");

/** The last part of a JSON Pointer that people would look for: `/spec/containers/0/image` is `containers/0/image`. */
export const shortPath = (path: string): string => path.split("/").filter(Boolean).slice(-3).join(" › ").replaceAll("~1", "/").replaceAll("~0", "~");
