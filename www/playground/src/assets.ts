// What the page loads beside itself: files, or in the single HTML file elements that hold them.

/** The bytes of a file. */
export async function asset(name: string): Promise<ArrayBuffer> {
  const element = document.getElementById(`asset:${name}`);
  if (element) return Uint8Array.from(atob(element.textContent ?? ""), (c) => c.charCodeAt(0)).buffer;
  const response = await fetch(name);
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

/** Where the worker's script is. */
export function workerUrl(): string {
  const element = document.getElementById("asset:worker.js");
  if (!element) return "worker.js";
  const text = new TextDecoder().decode(Uint8Array.from(atob(element.textContent ?? ""), (c) => c.charCodeAt(0)));
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}
