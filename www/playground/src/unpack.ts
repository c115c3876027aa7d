// A module of WebAssembly as `cargo x web` packs it (crates/xtask/src/web/packed.rs): streams of what is
// alike, each compressed. Here they become one module again.
import { decompress } from "./lzma.js";

/** The streams in the order of the file; what they have says packed.rs. */
const NAMES = ["before", "after", "opcodes", "rare", "locals", "reads", "writes", "label", "call", "alignment", "offset", "added", "arithmetic", "constant", "constant64"] as const;
const NATURAL = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2];

interface Stream {
  bytes: Uint8Array;
  at: number;
}

/** The bytes of the module. */
export function unpack(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(file.buffer, file.byteOffset);
  const module = new Uint8Array(view.getUint32(0, true));
  let start = 4 + 4 * NAMES.length;
  const streams = {} as Record<(typeof NAMES)[number], Stream>;
  NAMES.forEach((name, index) => {
    const end = start + view.getUint32(4 + 4 * index, true);
    streams[name] = { bytes: decompress(file.subarray(start, end)), at: 0 };
    start = end;
  });
  const { before, after, opcodes, rare, locals, reads, writes, label, call, alignment, offset, added, arithmetic, constant, constant64 } = streams;

  const code = new Uint8Array(module.length);
  let end = 0;
  const bytes = (stream: Stream, count: number): void => {
    for (; count > 0; count--) code[end++] = stream.bytes[stream.at++] as number;
  };
  const number = (stream: Stream): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = stream.bytes[stream.at++] as number;
      code[end++] = byte;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  /** The locals of the function at hand, what was used last first; those behind the end have their own places. */
  let recent: number[] = [];
  const local = (stream: Stream): void => {
    const start = end;
    const rank = number(stream);
    for (let next = recent.length; next <= rank; next++) recent.push(next);
    const [index = 0] = recent.splice(rank, 1);
    recent.unshift(index);
    const written = leb(index);
    code.set(written, start);
    end = start + written.length;
  };
  const instructions = (): void => {
    recent = [];
    for (let depth = 1; depth > 0; ) {
      const opcode = opcodes.bytes[opcodes.at++] as number;
      code[end++] = opcode;
      if (opcode >= 0x20 && opcode <= 0x22) local(opcode === 0x20 ? reads : writes);
      else if (opcode >= 0x28 && opcode <= 0x3e) {
        code[end++] = (NATURAL[opcode - 0x28] as number) - (alignment.bytes[alignment.at++] as number);
        number(offset);
      } else if (opcode === 0x41) {
        const next = opcodes.bytes[opcodes.at] as number;
        number(next === 0x6a ? added : next > 0x6a && next <= 0x78 ? arithmetic : constant);
      } else if (opcode === 0x0b) depth--;
      else if (opcode >= 0x02 && opcode <= 0x04) {
        number(rare);
        depth++;
      } else if (opcode === 0x0c || opcode === 0x0d) number(label);
      else if (opcode === 0x10) number(call);
      else if (opcode === 0x0e) for (let targets = number(label); targets >= 0; targets--) number(label);
      else if (opcode === 0x11) {
        number(call);
        number(call);
      } else if ((opcode >= 0x23 && opcode <= 0x26) || opcode === 0x3f || opcode === 0x40 || opcode === 0xd0 || opcode === 0xd2) number(rare);
      else if (opcode === 0x42) number(constant64);
      else if (opcode === 0x43) bytes(rare, 4);
      else if (opcode === 0x44) bytes(rare, 8);
      else if (opcode === 0xfc) {
        const kind = number(rare);
        for (let operands = kind < 8 ? 0 : kind < 16 && kind % 2 === 0 ? 2 : 1; operands > 0; operands--) number(rare);
      }
    }
  };

  // Sizes stand before what they are of.
  const all = new Uint8Array(module.length);
  let total = 0;
  const put = (from: Uint8Array): void => {
    all.set(from, total);
    total += from.length;
  };
  const functions = number(locals);
  put(code.subarray(0, end));
  for (let left = functions; left > 0; left--) {
    end = 0;
    for (let groups = number(locals); groups > 0; groups--) {
      number(locals);
      bytes(locals, 1);
    }
    instructions();
    put(leb(end));
    put(code.subarray(0, end));
  }
  const size = leb(total);
  module.set(before.bytes);
  module.set(size, before.bytes.length);
  module.set(all.subarray(0, total), before.bytes.length + size.length);
  module.set(after.bytes, before.bytes.length + size.length + total);
  return module;
}

/** A number as WebAssembly has it. */
function leb(number: number): Uint8Array {
  const bytes = [];
  for (; number > 0x7f; number >>>= 7) bytes.push((number & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, number]);
}
