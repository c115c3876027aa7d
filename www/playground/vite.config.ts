// `dist/www/playground`: by relative paths, and with names that do not change: `cargo x web` puts all but the page into
// a folder that does. With MODE=single everything that is loaded later is in the one script.
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

/** What is in the editor before anything is loaded. */
const first = readFileSync(new URL("examples/shop.yaml", import.meta.url), "utf8");
const escaped = first.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** What Vite makes of `import()`: its own helper would load beforehand what a part takes, which here is next to nothing. */
const helper = "export const __vitePreload = (load) => load();";

/** What is loaded at first is one script, which compresses better than many. */
const FIRST = [
  /\/src\/(?:assets|configuration|dom|draft|editor|files|fixing|highlight|input|judge|main|marks|placement|results|say|steps|store|tabs|whole|words)\.ts$/,
  /\/@codemirror\/(?:commands|state|view)\//,
  /\/(?:crelt|style-mod|w3c-keyname|@marijn\/find-cluster-break)\//,
  /vite\/preload-helper/,
];

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [
    { name: "first", transformIndexHtml: { order: "pre", handler: (html: string) => html.replace("@FIRST@", () => escaped) } },
    { name: "import", enforce: "pre", load: (id: string) => (id.includes("vite/preload-helper") ? helper : undefined) },
  ],
  build: {
    outDir: process.env["OUT"] ?? "../../dist/www/playground",
    emptyOutDir: true,
    target: "es2023",
    // Only the page says beforehand what it takes.
    modulePreload: { polyfill: false, resolveDependencies: (_, names, { hostType }) => (hostType === "html" ? names : []) },
    assetsInlineLimit: 0,
    // The page has its style inside: nothing that is loaded later is to ask for it again.
    cssCodeSplit: false,
    rolldownOptions: {
      input: mode === "worker" ? "src/worker.ts" : "index.html",
      // What CodeMirror knows of syntax trees is not used here, and does not say that it may be left out.
      treeshake: { moduleSideEffects: (id) => !id.includes("/@lezer/") },
      output: {
        entryFileNames: mode === "worker" ? "worker.js" : "main.js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
        ...(mode === "worker" ? { format: "iife" as const } : {}),
        codeSplitting: mode === "page" ? { includeDependenciesRecursively: false, groups: [{ name: "page", test: (id: string) => FIRST.some((pattern) => pattern.test(id)) }] } : mode !== "single",
      },
    },
    ...(mode === "worker" ? { emptyOutDir: false, copyPublicDir: false } : {}),
  },
}));
