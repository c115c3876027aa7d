// From what callers have to the UTF-8 JSON that the module reads.

const OPTIONS = ["settings", "context", "now", "comments"];

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
  const isEnvelope = value?.request !== undefined && value.kind === undefined;
  // What an envelope has of its own counts more.
  const added = isEnvelope ? given.filter(([name]) => !Object.hasOwn(value, name)) : given;
  const envelope = isEnvelope ? text.trimEnd().slice(0, -1) : `{"request":${text}`;
  return new TextEncoder().encode(`${envelope}${added.map(([name, json]) => `,"${name}":${json}`).join("")}}`);
}

/** The options that are set, each with its JSON. */
function fields(options = {}) {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`options are ${options === null ? "null" : `a ${typeof options}`}, not an object`);
  }
  const names = Object.keys(options);
  const unknown = names.find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`there is no option \`${unknown}\`; there are: ${OPTIONS.join(", ")}`);
  }
  const set = names.filter((name) => options[name] !== undefined);
  return set.map((name) => [name, json(options[name], `options.${name}`)]);
}

/** Bytes as they are; not by `instanceof`, which tells nothing about those of another realm. */
function bytesOf(value) {
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return tag(value) === "ArrayBuffer" ? new Uint8Array(value) : undefined;
}

function textOf(value, what) {
  if (typeof value !== "string") {
    return json(value, what);
  }
  const lone = value.search(/\p{Surrogate}/u);
  if (lone >= 0) {
    throw new TypeError(`${what} is no Unicode text: half a surrogate pair at ${lone}`);
  }
  return value;
}

/** The JSON of a value; a TypeError says where there is what JSON does not have. */
function json(value, what) {
  let text;
  try {
    // JSON.stringify would make `{}` of a Promise, a Map or a Response.
    text = isPlain(value) ? JSON.stringify(value) : undefined;
  } catch (error) {
    const reason = error instanceof RangeError ? "it is nested too deeply" : (obstacle(value, "", []) ?? error.message);
    throw new TypeError(`${what} cannot be written as JSON: ${reason}`, { cause: error });
  }
  if (text === undefined) {
    throw new TypeError(`${what} is ${kind(value)}, not an object, JSON text or bytes`);
  }
  return text;
}

function isPlain(value) {
  return typeof value !== "object" || typeof value?.toJSON === "function" || /^(Object|Array|Null)$/.test(tag(value));
}

function kind(value) {
  return value === undefined ? "undefined" : `a ${typeof value === "object" ? tag(value) : typeof value}`;
}

function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** The first place of what JSON.stringify cannot write; `above` are the values it is in. */
function obstacle(value, path, above) {
  if (typeof value === "bigint") {
    return `${path || "it"} is a BigInt`;
  }
  if (typeof value !== "object" || value === null || typeof value.toJSON === "function") {
    return undefined;
  }
  if (above.includes(value)) {
    return `${path} is an object that it stands in itself`;
  }
  for (const [name, field] of Object.entries(value)) {
    const step = name.replaceAll("~", "~0").replaceAll("/", "~1");
    const found = obstacle(field, `${path}/${step}`, [...above, value]);
    if (found) {
      return found;
    }
  }
  return undefined;
}
