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
