import java.util.function.Function;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.runtime.Memory;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.MemoryLimits;

/** An instance of transom.wasm. It serves one thread at a time; after an exception, make another. */
final class Transom {
    /** The module as bytecode of the JVM, made once for any number of instances. */
    record Code(WasmModule module, Function<Instance, Machine> machine) {
        static Code of(byte[] wasm) {
            WasmModule module = Parser.parse(wasm);
            return new Code(module, MachineFactoryCompiler.compile(module));
        }
    }

    private static final long LOW = 0xFFFF_FFFFL;
    private final Instance instance;

    Transom(Code code) {
        // The module imports nothing: no WASI, no functions of the host.
        instance =
                Instance.builder(code.module())
                        .withMachineFactory(code.machine())
                        .withMemoryFactory(Transom::memory)
                        .build();
        long version = instance.export("transom_abi").apply()[0];
        if (version != 1) {
            throw new IllegalArgumentException("the module speaks ABI " + version + ", and this is written for 1");
        }
    }

    private static Memory memory(MemoryLimits wanted) {
        int most = Math.min(wanted.maximumPages(), 4096); // 256 MiB
        return new ByteArrayMemory(new MemoryLimits(wanted.initialPages(), most));
    }

    /** Gives UTF-8 JSON to `evaluate`, `review` or `configure`, and the JSON that comes back. */
    byte[] call(String function, byte[] document) {
        Memory memory = instance.memory();
        long pointer = instance.export("alloc").apply(document.length)[0];
        if (pointer == 0) {
            throw new IllegalStateException("the module has no memory for " + document.length + " bytes");
        }
        memory.write((int) pointer, document);
        // The function takes the buffer over, so that only the answer has to be given back.
        long packed = instance.export(function).apply(pointer, document.length)[0];
        long at = packed >>> 32, length = packed & LOW;
        byte[] answer = memory.readBytes((int) at, (int) length);
        instance.export("dealloc").apply(at, length);
        return answer;
    }
}
