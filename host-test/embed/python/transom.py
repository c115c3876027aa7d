"""transom.wasm in wasmtime."""

from wasmtime import Engine, Instance, Module, Store

LOW = 0xFFFF_FFFF


class Transom:
    """An instance. It serves one thread at a time; after an exception, make another."""

    def __init__(self, engine: Engine, module: Module):
        self.store = Store(engine)
        self.store.set_limits(memory_size=256 << 20)
        # The module imports nothing: no WASI, no functions of the host.
        self.exports = Instance(self.store, module, []).exports(self.store)
        if "transom_abi" not in self.exports:
            raise ValueError("this is not transom.wasm")
        if (version := self.exports["transom_abi"](self.store)) != 1:
            raise ValueError(f"the module speaks ABI {version}, and this is written for 1")

    def call(self, function: str, document: bytes) -> bytes:
        """Gives JSON to `evaluate`, `review` or `configure`, and the JSON that comes back."""
        memory = self.exports["memory"]
        pointer = self.exports["alloc"](self.store, len(document)) & LOW  # i32 comes with a sign
        if pointer == 0:
            raise MemoryError(f"the module has no memory for {len(document)} bytes")
        memory.write(self.store, document, pointer)
        # The function takes the buffer over, so that only the answer has to be given back.
        packed = self.exports[function](self.store, pointer, len(document))
        pointer, length = packed >> 32 & LOW, packed & LOW
        answer = memory.read(self.store, pointer, pointer + length)
        if len(answer) != length:
            raise ValueError("the module's answer lies outside its memory")
        self.exports["dealloc"](self.store, pointer, length)
        return bytes(answer)

    def close(self):
        """Gives the instance's memory back."""
        self.store.close()
