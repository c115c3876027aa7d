// Between the system and a module of WASI, whose file system is one tree with `/` between names.
import { existsSync, readdirSync } from "node:fs";
import { win32 } from "node:path";

/** What a Rust program that panics ends with. */
const PANICKED = 101;

/** The variables of the environment that are paths, of those that the program reads. */
const PATHS = ["CI_PROJECT_DIR", "GITHUB_WORKSPACE", "TRANSOM_SETTINGS"];

/**
 * A path, or an argument with one after `=`, as the module has it: on Windows, where the drive `C:` is the
 * folder `/C:`, backslashes are slashes. A drive alone is the folder that one is in there.
 * @param {string} text
 */
export function inside(text, platform = process.platform) {
  if (platform !== "win32") return text;
  const whole = text.replace(/^(.*=)?([A-Za-z]:)$/, (_, before = "", drive) => before + win32.resolve(drive));
  return whole.replaceAll("\\", "/").replace(/^(.*=)?([A-Za-z]:)(?=\/)/, "$1/$2");
}

/**
 * The environment as the module has it.
 * @param {Record<string, string | undefined>} env
 * @param {{PWD: string, TMPDIR: string}} folders that WASI has no other way to know
 */
export function environment(env, folders, platform = process.platform) {
  // On Windows `env` finds names however they are written, and a copy of it does not.
  const named = PATHS.filter((name) => env[name] !== undefined).map((name) => [name, env[name]]);
  const paths = [...named, ...Object.entries(folders)].map(([name, path]) => [name, inside(path, platform)]);
  return { ...env, ...Object.fromEntries(paths) };
}

/**
 * The files that an argument with `*`, `?`, `[a-z]` or `**` stands for, which shells on Windows leave to the
 * program, in the order of their names; where there is none, the argument. The native program does the same
 * (the crate wild).
 * @param {string} argument
 */
export function expanded(argument, platform = process.platform) {
  if (platform !== "win32" || !/[*?[]/.test(argument) || existsSync(argument)) return [argument];
  const [, root, names] = /^((?:[A-Za-z]:)?\/*)(.*)$/s.exec(argument.replaceAll("\\", "/"));
  let found = [root];
  for (const name of names.split("/").filter((name) => name !== "")) {
    if (name === "**") {
      found = found.flatMap(withFolders);
    } else if (/[*?[]/.test(name)) {
      const pattern = regex(name);
      if (!pattern) return [argument];
      found = found.flatMap((folder) => entries(folder).filter((entry) => pattern.test(entry.name)).map((entry) => join(folder, entry.name)));
    } else {
      found = found.map((folder) => join(folder, name));
    }
  }
  found = found.filter((path) => existsSync(path));
  return found.length > 0 ? found : [argument];
}

const join = (folder, name) => (folder === "" || folder.endsWith("/") ? folder + name : `${folder}/${name}`);

/** What is in a folder, by name; nothing where it cannot be read. */
function entries(folder) {
  try {
    return readdirSync(folder || ".", { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** A folder and all folders below it, but for links. */
function withFolders(folder) {
  const below = entries(folder).filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap((entry) => withFolders(join(folder, entry.name)))];
}

/** What matches a name; nothing where that is no pattern. */
function regex(name) {
  const source = name.replace(/\[(!?)(\]?[^\]]*)\]|[*?]|[\\^$.|+(){}[\]]/g, (token, not, characters) => {
    if (token === "*") return ".*";
    if (token === "?") return ".";
    if (characters) return `[${not && "^"}${characters.replace(/[\\^[\]]/g, "\\$&")}]`;
    return token === "[" ? "[" : `\\${token}`;
  });
  try {
    return new RegExp(`^${source}$`, "isu");
  } catch {
    return undefined;
  }
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
