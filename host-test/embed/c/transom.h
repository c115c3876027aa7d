// transom.wasm in wasmtime, by its C API. What gives a `char *` gives NULL, or says what went wrong, to be freed.
#ifndef TRANSOM_H
#define TRANSOM_H

#include <wasmtime.h>

// An instance. It serves one thread at a time; after an error, delete it and make another.
struct transom {
  wasmtime_store_t *store;
  wasmtime_context_t *context;
  wasmtime_instance_t instance;
};

// What wasmtime says went wrong; NULL where nothing did.
char *transom_error(wasmtime_error_t *, wasm_trap_t *);

// Makes an instance. Instances of one module share its compiled code.
char *transom_new(struct transom *, wasm_engine_t *, const wasmtime_module_t *);

// Gives UTF-8 JSON to "evaluate", "review" or "configure"; the JSON that comes back, with a zero byte
// behind it, is put into `*answer`, to be freed.
char *transom_call(struct transom *, const char *function, const char *json, size_t length, char **answer);

static inline void transom_delete(struct transom *t) { wasmtime_store_delete(t->store); }

#endif
