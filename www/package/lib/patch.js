// JSON Patch (RFC 6902).
import { bytesOf, json } from "./input.js";

export function applyFixes(object, fixes) {
  const isText = typeof object === "string" || bytesOf(object) !== undefined;
  let document = isText ? undefined : copied(object, "object");
  if (typeof document !== "object" || document === null) {
    throw new TypeError("applyFixes takes the object that was judged, not its text");
  }
  if (document.kind === "AdmissionReview" || (document.request !== undefined && document.kind === undefined)) {
    throw new TypeError("fixes are for the object in a request: pass `request.object`");
  }
  operationsOf(fixes).forEach((operation, index) => {
    try {
      document = apply(document, operation);
    } catch (error) {
      throw new Error(`operation ${index} (${operation?.op} ${operation?.path}) does not apply: ${error.message}`);
    }
  });
  return document;
}

/** What JSON has of a value. */
function copied(value, what) {
  return JSON.parse(json(value, what, "JSON"));
}

/** Of a Decision, a finding, a fix or a patch. */
function operationsOf(fixes) {
  const patch = Array.isArray(fixes) ? fixes : (fixes?.patch ?? fixes?.fix?.patch);
  if (patch === undefined) {
    throw new TypeError("there is no patch: pass a Decision, a fix, a finding that has one, or operations");
  }
  const other = patch.find((operation) => typeof operation?.op !== "string");
  if (other !== undefined) {
    throw new TypeError("a patch is an array of operations; of several fixes apply one, then evaluate again");
  }
  return patch;
}

function apply(document, { op, path, from, value }) {
  if (value === undefined && (op === "add" || op === "replace" || op === "test")) {
    throw new Error("it has no value");
  }
  switch (op) {
    case "add":
      return added(document, path, copied(value, "value"));
    case "remove":
      return removed(document, path);
    case "replace":
      return replaced(document, path, copied(value, "value"));
    case "move": {
      if (path.startsWith(`${from}/`)) {
        throw new Error("nothing moves into itself");
      }
      const moved = at(document, from);
      return added(removed(document, from), path, moved);
    }
    case "copy":
      return added(document, path, structuredClone(at(document, from)));
    case "test":
      if (!isEqual(at(document, path), value)) {
        throw new Error("the value is another one");
      }
      return document;
    default:
      throw new Error("there is no such operation");
  }
}

function added(document, path, value) {
  const [parent, key] = place(document, path);
  if (parent === undefined) {
    return value;
  }
  if (Array.isArray(parent)) {
    parent.splice(key === "-" ? parent.length : index(key, parent.length), 0, value);
  } else {
    set(parent, key, value);
  }
  return document;
}

/** A field stays in its place among the others. */
function replaced(document, path, value) {
  const [parent, key] = place(document, path);
  if (parent === undefined) {
    return value;
  }
  child(parent, key);
  set(parent, key, value);
  return document;
}

/** An assignment would take `__proto__` for something else. */
function set(parent, key, value) {
  Object.defineProperty(parent, key, { value, configurable: true, enumerable: true, writable: true });
}

function removed(document, path) {
  const [parent, key] = place(document, path);
  if (parent === undefined) {
    return null;
  }
  child(parent, key);
  if (Array.isArray(parent)) {
    parent.splice(Number(key), 1);
  } else {
    delete parent[key];
  }
  return document;
}

function at(document, path) {
  return steps(path).reduce(child, document);
}

/** The value that holds what a path leads to, and its key there; none for the document itself. */
function place(document, path) {
  const keys = steps(path);
  if (keys.length === 0) {
    return [];
  }
  const key = keys.pop();
  const parent = keys.reduce(child, document);
  if (typeof parent !== "object" || parent === null) {
    throw new Error(`nothing can stand under ${JSON.stringify(parent)}`);
  }
  return [parent, key];
}

function child(parent, key) {
  if (Array.isArray(parent)) {
    return parent[index(key, parent.length - 1)];
  }
  if (typeof parent !== "object" || parent === null || !Object.hasOwn(parent, key)) {
    throw new Error(`there is no ${JSON.stringify(key)}`);
  }
  return parent[key];
}

function index(key, last) {
  if (!/^(0|[1-9][0-9]*)$/.test(key) || Number(key) > last) {
    throw new Error(`there is no element ${JSON.stringify(key)}`);
  }
  return Number(key);
}

/** The keys of a JSON Pointer. */
function steps(path) {
  if (typeof path !== "string" || (path !== "" && !path.startsWith("/"))) {
    throw new Error("a path begins with /");
  }
  if (/~(?![01])/.test(path)) {
    throw new Error("in a path, ~ stands before 0 or 1");
  }
  return path
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function isEqual(a, b) {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return a === b;
  }
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
  );
}
