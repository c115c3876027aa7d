// `dist/www/playground`: by relative paths, and with names that do not change: `cargo x web` puts all but the page into
// a folder that does. With MODE=single everything that is loaded later is in the one script.
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

/** What is in the editor before anything is loaded. */
const first = readFileSync(new URL("examples/shop.yaml", import.meta.url), "utf8");
const escaped = first.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [{ name: "first", transformIndexHtml: { order: "pre", handler: (html: string) => html.replace("@FIRST@", () => escaped) } }],
  build: {
    outDir: process.env["OUT"] ?? "../../dist/www/playground",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
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
        ...(mode === "single" ? { codeSplitting: false } : {}),
      },
    },
    ...(mode === "worker" ? { emptyOutDir: false, copyPublicDir: false } : {}),
  },
}));
