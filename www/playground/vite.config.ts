// `dist/www/playground`: by relative paths, and with names that do not change, for the service worker knows
// versions. With MODE=single everything that is loaded later is in the one script.
import { defineConfig } from "vite";

export default defineConfig(({ mode }) => ({
  base: "./",
  build: {
    outDir: process.env["OUT"] ?? "../../dist/www/playground",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: mode === "worker" ? "src/worker.ts" : "index.html",
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
