// LZMA, decoded (Igor Pavlov, "LZMA specification", 2015): a fifth smaller than gzip, which counts for a
// module that every visitor loads.

const TOP = 2 ** 24;

/** The bytes of a file in the format `.lzma`: properties, size of the dictionary, size of the contents. */
export function decompress(input: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(input.buffer, input.byteOffset);
  const size = view.getUint32(5, true);
  if (input.length < 18 || view.getUint32(9, true) !== 0) throw new Error("this is no LZMA file of a known size");
  let properties = view.getUint8(0);
  const lc = properties % 9;
  properties = (properties / 9) | 0;
  const lp = properties % 5;
  const pb = (properties / 5) | 0;

  const output = new Uint8Array(size);
  let written = 0;
  let read = 18;
  // Numbers of 32 bits in variables of a closure would be objects.
  const coder = new Uint32Array([0xffffffff, view.getUint32(14)]);

  const bit = (probabilities: Uint16Array, index: number): 0 | 1 => {
    const probability = probabilities[index] as number;
    let range = coder[0] as number;
    let code = coder[1] as number;
    const bound = (range >>> 11) * probability;
    let result: 0 | 1;
    if (code < bound) {
      range = bound;
      probabilities[index] = probability + ((2048 - probability) >>> 5);
      result = 0;
    } else {
      range -= bound;
      code -= bound;
      probabilities[index] = probability - (probability >>> 5);
      result = 1;
    }
    if (range < TOP) {
      range *= 256;
      code = code * 256 + (input[read++] as number);
    }
    coder[0] = range;
    coder[1] = code;
    return result;
  };
  const directBits = (count: number): number => {
    let [range, code] = coder as unknown as [number, number];
    let result = 0;
    for (; count > 0; count--) {
      range >>>= 1;
      const is = code >= range;
      if (is) code -= range;
      result = result * 2 + (is ? 1 : 0);
      if (range < TOP) {
        range *= 256;
        code = code * 256 + (input[read++] as number);
      }
    }
    coder[0] = range;
    coder[1] = code;
    return result;
  };
  const tree = (probabilities: Uint16Array, start: number, bits: number): number => {
    let m = 1;
    for (let count = bits; count > 0; count--) m = (m << 1) | bit(probabilities, start + m);
    return m - (1 << bits);
  };
  const reverseTree = (probabilities: Uint16Array, start: number, bits: number): number => {
    let m = 1;
    let result = 0;
    for (let index = 0; index < bits; index++) {
      const b = bit(probabilities, start + m);
      m = (m << 1) | b;
      result |= b << index;
    }
    return result;
  };
  const fresh = (count: number) => new Uint16Array(count).fill(1024);

  const literals = fresh(0x300 << (lc + lp));
  const isMatch = fresh(12 << 4);
  const isRep = fresh(12);
  const isRepG0 = fresh(12);
  const isRepG1 = fresh(12);
  const isRepG2 = fresh(12);
  const isRep0Long = fresh(12 << 4);
  const slots = fresh(4 * 64);
  const align = fresh(16);
  const positions = fresh(115 + 128);
  // Choice, choice 2, 16 low trees of 8, 16 middle trees of 8, a high tree of 256.
  const lengths = [fresh(2 + 16 * 8 * 2 + 256), fresh(2 + 16 * 8 * 2 + 256)] as const;
  const length = (probabilities: Uint16Array, position: number): number => {
    if (!bit(probabilities, 0)) return tree(probabilities, 2 + position * 8, 3);
    if (!bit(probabilities, 1)) return 8 + tree(probabilities, 130 + position * 8, 3);
    return 16 + tree(probabilities, 258, 8);
  };

  let state = 0;
  let [rep0, rep1, rep2, rep3] = [0, 0, 0, 0];
  while (written < size) {
    const position = written & ((1 << pb) - 1);
    if (!bit(isMatch, (state << 4) + position)) {
      const before = written > 0 ? (output[written - 1] as number) : 0;
      const start = 0x300 * (((written & ((1 << lp) - 1)) << lc) + (before >> (8 - lc)));
      let symbol = 1;
      if (state >= 7) {
        let match = output[written - rep0 - 1] as number;
        do {
          const matchBit = (match >> 7) & 1;
          match <<= 1;
          const b = bit(literals, start + ((1 + matchBit) << 8) + symbol);
          symbol = (symbol << 1) | b;
          if (matchBit !== b) break;
        } while (symbol < 0x100);
      }
      while (symbol < 0x100) symbol = (symbol << 1) | bit(literals, start + symbol);
      output[written++] = symbol;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let count: number;
    if (bit(isRep, state)) {
      if (!bit(isRepG0, state)) {
        if (!bit(isRep0Long, (state << 4) + position)) {
          state = state < 7 ? 9 : 11;
          output[written] = output[written - rep0 - 1] as number;
          written++;
          continue;
        }
      } else {
        let distance: number;
        if (!bit(isRepG1, state)) {
          distance = rep1;
        } else {
          if (!bit(isRepG2, state)) {
            distance = rep2;
          } else {
            distance = rep3;
            rep3 = rep2;
          }
          rep2 = rep1;
        }
        rep1 = rep0;
        rep0 = distance;
      }
      count = length(lengths[1], position);
      state = state < 7 ? 8 : 11;
    } else {
      rep3 = rep2;
      rep2 = rep1;
      rep1 = rep0;
      count = length(lengths[0], position);
      state = state < 7 ? 7 : 10;
      const slot = tree(slots, Math.min(count, 3) * 64, 6);
      rep0 = slot;
      if (slot >= 4) {
        const bits = (slot >> 1) - 1;
        rep0 = (2 | (slot & 1)) * 2 ** bits;
        rep0 += slot < 14 ? reverseTree(positions, rep0 - slot, bits) : directBits(bits - 4) * 16 + reverseTree(align, 0, 4);
      }
      // The mark of an end, which a file of a known size may have.
      if (rep0 === 0xffffffff) break;
    }
    if (rep0 >= written) throw new Error("this LZMA file is broken");
    for (count = Math.min(count + 2, size - written); count > 0; count--) {
      output[written] = output[written - rep0 - 1] as number;
      written++;
    }
  }
  return output;
}
