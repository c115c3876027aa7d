// DEFLATE (RFC 1951), because what browsers have for it cannot be had without waiting.

/** The bits beyond a code of its length, and the number it starts at: for lengths and distances. */
const LENGTHS = ranges([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5], 3);
const DISTANCES = ranges(
  [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13],
  1,
);
LENGTHS[28] = { extra: 0, start: 258 };
/** The order in which the lengths of the codes for lengths stand. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** What `packed` stands for, which is `size` bytes. */
export function inflate(packed, size) {
  const bits = new Bits(packed);
  const out = new Uint8Array(size);
  let end = 0;
  let isLast = false;
  while (!isLast) {
    isLast = bits.take(1) === 1;
    const kind = bits.take(2);
    if (kind === 0) {
      const stored = bits.stored();
      out.set(stored, end);
      end += stored.length;
    } else {
      const [literals, distances] = kind === 1 ? fixed() : described(bits);
      end = block(bits, literals, distances, out, end);
    }
  }
  return out;
}

/** Bits from the lowest to the highest of each byte. */
class Bits {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.held = 0;
    this.value = 0;
  }

  take(count) {
    for (; this.held < count; this.held += 8) {
      this.value |= this.bytes[this.at++] << this.held;
    }
    const taken = this.value & ((1 << count) - 1);
    this.value >>>= count;
    this.held -= count;
    return taken;
  }

  decode({ table, longest }) {
    const next = this.take(longest);
    const entry = table[next];
    const unused = longest - (entry & 15);
    this.value = (this.value << unused) | (next >> (entry & 15));
    this.held += unused;
    return entry >> 4;
  }

  stored() {
    const start = this.at - (this.held >> 3) + 4;
    this.at = start + (this.bytes[start - 4] | (this.bytes[start - 3] << 8));
    this.held = this.value = 0;
    return this.bytes.subarray(start, this.at);
  }
}

/** Unpacks a block; gives the new end. Its variables are its own because all the time goes here. */
function block(bits, literals, distances, out, end) {
  const { bytes } = bits;
  let { at, held, value } = bits;
  const mask = (1 << literals.longest) - 1;
  const distanceMask = (1 << distances.longest) - 1;
  for (;;) {
    for (; held < 15; held += 8) {
      value |= bytes[at++] << held;
    }
    let entry = literals.table[value & mask];
    value >>>= entry & 15;
    held -= entry & 15;
    const symbol = entry >> 4;
    if (symbol < 256) {
      out[end++] = symbol;
      continue;
    }
    if (symbol === 256) {
      Object.assign(bits, { at, held, value });
      return end;
    }
    const length = LENGTHS[symbol - 257];
    for (; held < 20; held += 8) {
      value |= bytes[at++] << held;
    }
    const stop = end + length.start + (value & ((1 << length.extra) - 1));
    value >>>= length.extra;
    held -= length.extra;
    entry = distances.table[value & distanceMask];
    value >>>= entry & 15;
    held -= entry & 15;
    const distance = DISTANCES[entry >> 4];
    for (; held < distance.extra; held += 8) {
      value |= bytes[at++] << held;
    }
    const back = distance.start + (value & ((1 << distance.extra) - 1));
    value >>>= distance.extra;
    held -= distance.extra;
    // One by one: what is copied may be part of what comes out.
    for (; end < stop; end++) {
      out[end] = out[end - back];
    }
  }
}

/** The codes that a block brings along. */
function described(bits) {
  const literals = bits.take(5) + 257;
  const distances = bits.take(5) + 1;
  const count = bits.take(4) + 4;
  const lengths = new Array(19).fill(0);
  for (const symbol of ORDER.slice(0, count)) {
    lengths[symbol] = bits.take(3);
  }
  const code = codeOf(lengths);
  const all = [];
  while (all.length < literals + distances) {
    const symbol = bits.decode(code);
    if (symbol < 16) {
      all.push(symbol);
      continue;
    }
    const repeated = symbol === 16 ? all.at(-1) : 0;
    const times = symbol === 16 ? bits.take(2) + 3 : symbol === 17 ? bits.take(3) + 3 : bits.take(7) + 11;
    all.push(...new Array(times).fill(repeated));
  }
  return [codeOf(all.slice(0, literals)), codeOf(all.slice(literals))];
}

function ranges(extras, first) {
  let next = first;
  return extras.map((extra) => {
    const start = next;
    next += 1 << extra;
    return { extra, start };
  });
}

function fixed() {
  const lengths = Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  );
  return [codeOf(lengths), codeOf(new Array(30).fill(5))];
}

/** A canonical code as a table: by the next bits, the symbol and, in its last four bits, its length. */
function codeOf(lengths) {
  const longest = Math.max(1, ...lengths);
  const table = new Uint16Array(1 << longest);
  let code = 0;
  for (let length = 1; length <= longest; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) {
        for (let entry = reversed(code, length); entry < table.length; entry += 1 << length) {
          table[entry] = (symbol << 4) | length;
        }
        code++;
      }
    }
    code <<= 1;
  }
  return { table, longest };
}

function reversed(code, length) {
  let result = 0;
  for (let bit = 0; bit < length; bit++) {
    result |= ((code >> bit) & 1) << (length - 1 - bit);
  }
  return result;
}
