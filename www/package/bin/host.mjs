// Between the system and a module of WASI, whose file system is one tree with `/` between names.
import { existsSync } from "node:fs";

/** What a Rust program that panics ends with. */
const PANICKED = 101;

/**
 * A path, or an argument with one after `=`, as the module has it: on Windows, where the drive `C:` is the
 * folder `/C:`, backslashes are slashes.
 * @param {string} text
 */
export function inside(text, platform = process.platform) {
  if (platform !== "win32") return text;
  return text.replaceAll("\\", "/").replace(/^(.*=)?([A-Za-z]:)(?=\/)/, "$1/$2");
}

/** The folders that the module sees, by where it sees them: all that there are. */
export function roots(platform = process.platform) {
  if (platform !== "win32") return { "/": "/" };
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
  const drives = letters.filter((letter) => existsSync(`${letter}:\\`));
  return Object.fromEntries(drives.flatMap((letter) => [letter, letter.toLowerCase()].map((name) => [`/${name}:`, `${letter}:\\`])));
}

/** What WASI says of a stream that does not wait, and has nothing to read or no room to write. */
const EAGAIN = 6;

/** What the module imports: WASI as Node has it, but for what goes wrong there. */
export function imports(wasi) {
  const object = wasi.getImportObject();
  const system = object.wasi_snapshot_preview1;
  const now = new Int32Array(new SharedArrayBuffer(4));
  for (const name of Object.keys(system)) {
    const call = system[name];
    // What Node gives, V8 would call from the module without a frame on the stack (a fast API call). There it
    // takes memory, for which V8 may collect garbage, finds no end of the stack, and the process crashes. A
    // function of JavaScript in between has a frame. All are made here, of one function: V8 sees it call many
    // others, and so makes no fast call in it either.
    system[name] = (...args) => {
      let errno;
      // A pipe that is shared with another process waits or does not as that one likes.
      while ((errno = call(...args)) === EAGAIN) Atomics.wait(now, 0, 0, 10);
      return errno;
    };
  }
  return object;
}

/**
 * What the program ends with. It has said what there is to say where it panics.
 * @param {() => number} start
 */
export function exit(start) {
  try {
    return start();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return PANICKED;
    throw error;
  }
}
