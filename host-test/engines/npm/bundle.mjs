// Bundles programs that use the package as its users do, without a plugin or a setting for it:
// `bundle.mjs TOOLS PROJECT`. Writes into PROJECT/bundles; the sizes on stdout.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const [tools, project] = process.argv.slice(2);
const { resolve } = createRequire(join(tools, "package.json"));
const esbuild = await import(pathToFileURL(resolve("esbuild")));
const vite = await import(pathToFileURL(join(tools, "node_modules/vite/dist/node/index.js")));

const pod = '{ kind: "Pod", spec: { containers: [{ name: "a", image: "mcr.microsoft.com/windows/nanoserver:ltsc2022" }] } }';
const show = 'const show = (text) => (globalThis.document ? document.body.append(text) : console.log(text));';
const programs = {
  everything: `import { evaluate, explain } from "transom"; ${show} const [{ rule }] = evaluate(${pod}).findings; show(rule + " " + explain(rule)[0].name);`,
  core: `import { evaluate } from "transom/core"; ${show} const [{ rule, name }] = evaluate(${pod}).findings; show(rule + " " + name);`,
  evaluate: `import { evaluate } from "transom"; ${show} const [{ rule, name }] = evaluate(${pod}).findings; show(rule + " " + name);`,
  explain: `import { explain } from "transom"; ${show} const [{ id, name }] = explain("WIN101"); show(id + " " + name);`,
};

const sizes = {};
const measure = (name, bytes) => {
  const text = Buffer.from(bytes).toString();
  const holds = { documentation: text.includes("## Bad"), module: /[A-Za-z0-9+/]{100000}/.test(text) };
  sizes[name] = { bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, ...holds };
};

for (const [name, program] of Object.entries(programs)) {
  const entry = join(project, `${name}.js`);
  writeFileSync(entry, program);
  for (const [format, platform] of [["esm", "browser"], ["iife", "browser"], ["cjs", "node"]]) {
    const outfile = join(project, "bundles", `esbuild-${name}.${format}.${format === "cjs" ? "cjs" : "js"}`);
    await esbuild.build({ entryPoints: [entry], bundle: true, minify: true, format, platform, outfile, logLevel: "error" });
    measure(`esbuild ${name} ${format}`, readFileSync(outfile));
  }
  writeFileSync(join(project, "index.html"), `<!doctype html><body><script type="module" src="./${name}.js"></script>`);
  const { output } = await vite.build({
    root: project,
    base: "./",
    logLevel: "error",
    build: { outDir: join(project, "bundles", `vite-${name}`), emptyOutDir: true },
  });
  for (const file of output.filter((file) => file.type === "chunk")) {
    measure(`vite ${name}`, Buffer.from(file.code));
  }
}

// A Worker takes no bytes for a module; its bundler leaves the import of the file as it is.
await esbuild.build({
  entryPoints: [join(project, "worker.mjs")],
  bundle: true,
  format: "esm",
  conditions: ["workerd"],
  loader: { ".wasm": "copy" },
  assetNames: "transom",
  outfile: join(project, "bundles/worker.js"),
  logLevel: "error",
});
measure("workerd", readFileSync(join(project, "bundles/worker.js")));
console.log(JSON.stringify(sizes));
