#!/usr/bin/env node
// The command line, as `npx transom` runs it: `transom.wasm` beside this file is the program. It gets
// arguments, environment, streams and the file system, all by WASI; nothing is decided here.
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isatty } from "node:tty";
import { environment, exit, expanded, imports, inside, roots } from "./host.mjs";

// What Node says of its own WASI is nothing to whoever checks manifests.
const { emitWarning } = process;
process.emitWarning = () => {};
const { WASI } = await import("node:wasi");
process.emitWarning = emitWarning;

const [, , ...args] = process.argv;
const env = environment(process.env, { PWD: process.cwd(), TMPDIR: tmpdir() });
// To touch a stream that is a pipe makes it one that does not wait for its reader, which WASI does not expect.
if (isatty(1) && process.stdout.columns) env.COLUMNS = String(process.stdout.columns);
const given = args.flatMap((argument) => expanded(argument)).map((argument) => inside(argument));
const wasi = new WASI({ version: "preview1", args: ["transom", ...given], env, preopens: roots() });
const module = new WebAssembly.Module(readFileSync(new URL("transom.wasm", import.meta.url)));
process.exitCode = exit(() => wasi.start(new WebAssembly.Instance(module, imports(wasi))));
