// From what callers have to the UTF-8 JSON that the module reads.

/** What options take; what is merely wrong in them, the module says. */
const OPTIONS = { settings: "an object", context: "an array of objects", now: "a Date or a text", comments: "an array" };

/** The UTF-8 of JSON text, of bytes or of a value; `what` names it where it cannot be had. */
export function encoded(value, what) {
  return bytesOf(value) ?? new TextEncoder().encode(textOf(value, what));
}

/** An input together with what the options say about it. */
export function withOptions(input, options) {
  const given = fields(options);
  if (given.length === 0) {
    return encoded(input, "input");
  }
  const bytes = bytesOf(input);
  let text;
  let value;
  try {
    // A byte order mark says nothing, and the decoder takes it away by itself.
    text = bytes ? new TextDecoder("utf-8", { fatal: true }).decode(bytes) : textOf(input, "input").replace(/^\uFEFF/, "");
    value = JSON.parse(text);
  } catch (error) {
    // Bytes and texts that are no JSON get a Decision that says so; what is no text at all does not.
    if (bytes === undefined && text === undefined) {
      throw error;
    }
    return bytes ?? new TextEncoder().encode(text);
  }
  // No object: the Decision says so.
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return bytes ?? new TextEncoder().encode(text);
  }
  // A Kubernetes object has no such fields; what is around one takes them as they are.
  const isBare = typeof value.kind === "string" && value.kind !== "AdmissionReview";
  const own = isBare ? ["request"] : Object.keys(value);
  const parts = own.length === 0 ? [] : [isBare ? `"request":${text}` : text.trim().slice(1, -1)];
  // What it has of its own counts more.
  parts.push(...given.filter(([name]) => !own.includes(name)).map(([name, json]) => `"${name}":${json}`));
  return new TextEncoder().encode(`{${parts.join(",")}}`);
}

/** The options that are set, each with its JSON. */
function fields(options = {}) {
  // Anything else has no options, which nobody would notice.
  if (typeof options !== "object" || tag(options) !== "Object") {
    throw new TypeError(`options are ${kind(options)}, not an object`);
  }
  const names = Object.keys(options);
  const unknown = names.find((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown !== undefined) {
    throw new TypeError(`there is no option \`${unknown}\`; there are: ${Object.keys(OPTIONS).join(", ")}`);
  }
  const set = names.filter((name) => options[name] !== undefined);
  return set.map((name) => [name, json(options[name], `options.${name}`, OPTIONS[name])]);
}

/** Bytes as they are; not by `instanceof`, which tells nothing about those of another realm. */
export function bytesOf(value) {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return tag(value) === "ArrayBuffer" ? new Uint8Array(value) : undefined;
}

function textOf(value, what) {
  if (typeof value !== "string") {
    return json(value, what, "an object, JSON text or bytes");
  }
  const lone = value.search(/\p{Surrogate}/u);
  if (lone >= 0) {
    throw new TypeError(`${what} is no Unicode text: half a surrogate pair at ${lone}`);
  }
  return value;
}

/** The JSON of a value; a TypeError says where there is what JSON does not have. */
export function json(value, what, wanted) {
  if (!isPlain(value) && !hasToJson(value)) {
    throw new TypeError(`${what} is ${kind(value)}, not ${wanted}`);
  }
  const keys = [];
  try {
    check(value, keys, []);
    const text = JSON.stringify(value);
    if (text === undefined) {
      throw new Obstacle(() => "its toJSON gives nothing");
    }
    return text;
  } catch (error) {
    const path = keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
    const says = (reason) => `${what} cannot be written as JSON: ${reason}`;
    if (error instanceof Obstacle) {
      throw new TypeError(says(error.reason(path || "it")));
    }
    // A getter or toJSON failed.
    throw new TypeError(says(`${path && `${path}: `}${error?.message ?? error}`), { cause: error });
  }
}

/** What JSON does not have; `reason` says so of where it is. */
class Obstacle {
  constructor(reason) {
    this.reason = reason;
  }
}

/** Deeper than anybody nests, and far from the end of the stack. */
const DEPTH = 1000;

/**
 * Fails at what JSON.stringify cannot write, or makes nothing of: `{}` of a Promise, a Map or a Response, `null`
 * of NaN. `keys` are those to the value, also where it fails; `above` is what the value is in.
 */
function check(given, keys, above) {
  const value = hasToJson(given) ? fromToJson(given, keys) : given;
  // These are left out.
  if (value === undefined || typeof value === "function" || typeof value === "symbol") {
    return;
  }
  if (!isPlain(value)) {
    throw new Obstacle((path) => `${path} is ${kind(value)}`);
  }
  if (typeof value !== "object" || value === null) {
    return;
  }
  if (above.includes(value)) {
    throw new Obstacle((path) => `${path} stands in itself`);
  }
  if (above.length === DEPTH) {
    throw new Obstacle(() => "it is nested too deeply");
  }
  above.push(value);
  const names = Array.isArray(value) ? undefined : Object.keys(value);
  const length = (names ?? value).length;
  for (let index = 0; index < length; index++) {
    const key = names ? names[index] : index;
    keys.push(key);
    const field = value[key];
    // As most are.
    if (typeof field !== "string") {
      check(field, keys, above);
    }
    keys.pop();
  }
  above.pop();
}

function fromToJson(value, keys) {
  if (tag(value) === "Date" && Number.isNaN(value.getTime())) {
    throw new Obstacle((path) => `${path} is an invalid Date`);
  }
  return value.toJSON(String(keys.at(-1) ?? ""));
}

function hasToJson(value) {
  return ((typeof value === "object" && value !== null) || typeof value === "bigint") && typeof value.toJSON === "function";
}

/** Whether JSON has such values; of objects and arrays, whatever is in them. */
function isPlain(value) {
  if (typeof value === "number") {
    return Number.isFinite(value);
  }
  if (typeof value !== "object") {
    return typeof value === "string" || typeof value === "boolean";
  }
  if (value === null || Array.isArray(value)) {
    return true;
  }
  const prototype = Object.getPrototypeOf(value);
  // Most are of this kind, and the tag costs more. What another realm or a class makes has another prototype.
  return prototype === Object.prototype || prototype === null || /^(Object|Boolean|Number|String)$/.test(tag(value));
}

function kind(value) {
  if (value === undefined || value === null || typeof value === "number") {
    return String(value);
  }
  const name = typeof value === "object" ? tag(value) : typeof value === "bigint" ? "BigInt" : typeof value;
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}
