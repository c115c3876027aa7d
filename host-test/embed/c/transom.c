#include "transom.h"
#include <stdlib.h>
#include <string.h>

char *transom_error(wasmtime_error_t *error, wasm_trap_t *trap) {
  wasm_byte_vec_t text = {0, NULL};
  if (error) {
    wasmtime_error_message(error, &text);
    wasmtime_error_delete(error);
  } else if (trap) {
    wasm_trap_message(trap, &text);
    wasm_trap_delete(trap);
  }
  return text.data ? strndup(text.data, text.size) : NULL;
}

static bool find(struct transom *t, const char *name, wasmtime_extern_kind_t kind, wasmtime_extern_t *item) {
  return wasmtime_instance_export_get(t->context, &t->instance, name, strlen(name), item) && item->kind == kind;
}

// Calls a function with up to two integers.
static char *run(struct transom *t, const char *name, int count, uint32_t a, uint32_t b, uint64_t *result) {
  wasmtime_val_t in[] = {{WASMTIME_I32, {.i32 = a}}, {WASMTIME_I32, {.i32 = b}}}, out;
  wasmtime_extern_t function;
  wasm_trap_t *trap = NULL;
  if (!find(t, name, WASMTIME_EXTERN_FUNC, &function)) return strdup("this is not transom.wasm");
  wasmtime_error_t *error = wasmtime_func_call(t->context, &function.of.func, in, count, &out, result != NULL, &trap);
  if (!error && !trap && result) *result = out.kind == WASMTIME_I64 ? (uint64_t)out.of.i64 : (uint32_t)out.of.i32;
  return transom_error(error, trap);
}

char *transom_new(struct transom *t, wasm_engine_t *engine, const wasmtime_module_t *module) {
  uint64_t version;
  wasm_trap_t *trap = NULL;
  t->store = wasmtime_store_new(engine, NULL, NULL);
  t->context = wasmtime_store_context(t->store);
  wasmtime_store_limiter(t->store, 256 << 20, -1, -1, -1, -1);
  // The module imports nothing: no WASI, no functions of the host.
  char *error = transom_error(wasmtime_instance_new(t->context, module, NULL, 0, &t->instance, &trap), trap);
  if (error || (error = run(t, "transom_abi", 0, 0, 0, &version))) return error;
  return version == 1 ? NULL : strdup("the module does not speak ABI 1");
}

char *transom_call(struct transom *t, const char *function, const char *json, size_t length, char **answer) {
  uint64_t pointer, packed;
  wasmtime_extern_t memory;
  char *error = run(t, "alloc", 1, length, 0, &pointer);
  if (error) return error;
  if (!find(t, "memory", WASMTIME_EXTERN_MEMORY, &memory)) return strdup("this is not transom.wasm");
  if (pointer == 0 || pointer + length > wasmtime_memory_data_size(t->context, &memory.of.memory))
    return strdup("the module has no memory for this input");
  memcpy(wasmtime_memory_data(t->context, &memory.of.memory) + pointer, json, length);
  // The function takes the buffer over, so that only the answer has to be given back.
  if ((error = run(t, function, 2, pointer, length, &packed))) return error;
  uint64_t at = packed >> 32, size = (uint32_t)packed;
  if (at + size > wasmtime_memory_data_size(t->context, &memory.of.memory))
    return strdup("the module's answer lies outside its memory");
  *answer = strndup((char *)wasmtime_memory_data(t->context, &memory.of.memory) + at, size);
  return run(t, "dealloc", 2, at, size, NULL);
}
