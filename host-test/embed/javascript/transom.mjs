// transom.wasm in any JavaScript: browsers, Node, Deno, Bun, workers. It needs no bundler and imports nothing.

/** An instance. After an exception, load another. */
export class Transom {
  #exports;

  constructor(instance) {
    this.#exports = instance.exports;
    const version = this.#exports.transom_abi?.();
    if (version !== 1) {
      throw new Error(`this is not transom.wasm of ABI 1, but ${version}`);
    }
  }

  /** From the module's bytes (an ArrayBuffer, a Uint8Array), or from a Response that brings them. */
  static async load(source) {
    const streams = typeof Response !== "undefined" && source instanceof Response;
    const instantiate = streams ? WebAssembly.instantiateStreaming : WebAssembly.instantiate;
    const { instance } = await instantiate(source, {});
    return new Transom(instance);
  }

  /** Judges an object of Kubernetes, a List or an AdmissionReview, and gives the Decision. */
  evaluate(document) {
    return JSON.parse(this.call("evaluate", JSON.stringify(document)));
  }

  /** Answers an AdmissionReview with an AdmissionReview. */
  review(document) {
    return JSON.parse(this.call("review", JSON.stringify(document)));
  }

  /** Takes new settings. Wrong ones throw, and leave the old ones in force. */
  configure(settings) {
    const { valid, errors } = JSON.parse(this.call("configure", JSON.stringify(settings)));
    if (!valid) {
      throw new Error(`the settings are wrong: ${JSON.stringify(errors)}`);
    }
  }

  /** Gives JSON to `evaluate`, `review` or `configure`, and the JSON that comes back. */
  call(name, json) {
    const { memory, alloc, dealloc, [name]: call } = this.#exports;
    const input = new TextEncoder().encode(json);
    const pointer = alloc(input.length) >>> 0; // i32 comes with a sign
    if (pointer === 0) {
      throw new Error(`the module has no memory for ${input.length} bytes`);
    }
    // `memory.buffer` is another one whenever the memory has grown: take it anew each time.
    new Uint8Array(memory.buffer).set(input, pointer);
    // The function takes the buffer over, so that only the answer has to be given back.
    const packed = BigInt.asUintN(64, call(pointer, input.length));
    const [at, length] = [Number(packed >> 32n), Number(packed & 0xffffffffn)];
    const answer = new TextDecoder().decode(new Uint8Array(memory.buffer, at, length));
    dealloc(at, length);
    return answer;
  }
}
