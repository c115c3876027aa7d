// What the page loads beside itself: files, or in the single HTML file elements that hold them.

/** Where a file is: beside this script, in the folder of its version. */
const place = (name: string): URL => new URL(name, import.meta.url);

/** The bytes of a file. */
export async function asset(name: string): Promise<ArrayBuffer> {
  const element = document.getElementById(`asset:${name}`);
  if (element) {
    const deflated = Uint8Array.from(atob(element.textContent ?? ""), (c) => c.charCodeAt(0));
    return new Response(new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
  }
  const response = await fetch(place(name));
  if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

const parsed = new Map<string, Promise<unknown>>();

/** A file of JSON, read once. */
export function json<T>(name: string): Promise<T> {
  let known = parsed.get(name);
  if (!known) {
    known = asset(name).then((bytes) => JSON.parse(new TextDecoder().decode(bytes)));
    known.catch(() => parsed.delete(name));
    parsed.set(name, known);
  }
  return known as Promise<T>;
}

/** Whether all of it is one file. */
export const isSingle = (): boolean => document.getElementById("asset:worker.js") !== null;

/** The modules: all of it, and what everybody needs of it. */
export const WHOLE = "whole.packed";
export const LEAN = "playground.packed";

/** The worker. */
export async function startWorker(): Promise<Worker> {
  if (!isSingle()) return new Worker(place("worker.js"));
  return new Worker(URL.createObjectURL(new Blob([await asset("worker.js")], { type: "text/javascript" })));
}
