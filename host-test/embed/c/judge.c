// The command judge: a Decision for each line of JSON on standard input.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transom.h"

// Ends the program where there is an error.
static void check(char *error) {
  if (error) {
    fprintf(stderr, "judge: %s\n", error);
    exit(1);
  }
}

static char *read_file(const char *name, size_t *length) {
  char *bytes = NULL;
  FILE *file = fopen(name, "rb");
  if (!file || fseek(file, 0, SEEK_END) || (*length = ftell(file)) == (size_t)-1) check(strerror(errno));
  rewind(file);
  bytes = malloc(*length + 1);
  if (!bytes || fread(bytes, 1, *length, file) != *length) check("the file cannot be read");
  fclose(file);
  return bytes;
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: judge MODULE [SETTINGS] < documents\n");
    return 2;
  }
  size_t length, room = 0;
  struct transom transom;
  wasmtime_module_t *module;
  wasm_engine_t *engine = wasm_engine_new();
  char *answer, *line = NULL, *wasm = read_file(arguments[1], &length);
  check(transom_error(wasmtime_module_new(engine, (uint8_t *)wasm, length, &module), NULL));
  check(transom_new(&transom, engine, module));
  if (count > 2) {
    char *settings = read_file(arguments[2], &length);
    check(transom_call(&transom, "configure", settings, length, &answer));
    if (!strstr(answer, "\"valid\":true")) check(answer);
    free(answer);
    free(settings);
  }
  for (ssize_t got; (got = getline(&line, &room, stdin)) > 0;) {
    if (line[got - 1] == '\n') got--;
    check(transom_call(&transom, "evaluate", line, got, &answer));
    puts(answer);
    free(answer);
  }
  free(line);
  free(wasm);
  transom_delete(&transom);
  wasmtime_module_delete(module);
  wasm_engine_delete(engine);
}
