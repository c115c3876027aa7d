// Bundles the extension; with --package also puts the program inside and makes transom.vsix of it all.
//
//   node build.mjs --package [--server FILE] [--target linux-x64] [--out FILE.vsix]
//
// The program is of one platform, and so is the package: each is made where its program is built.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    package: { type: "boolean" },
    server: { type: "string" },
    target: { type: "string", default: `${process.platform}-${process.arch}` },
    out: { type: "string", default: join(here, "transom.vsix") },
  },
});

await build({
  entryPoints: [join(here, "extension.js")],
  outfile: join(here, "dist/extension.js"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: true,
});

if (values.package) {
  const name = values.target.startsWith("win32") ? "transom.exe" : "transom";
  const server = resolve(values.server ?? join(here, "../../target/release", name));
  if (!existsSync(server)) {
    console.error(`${server} is not there: run \`cargo build --release --package transom-cli\` first, or name one with --server`);
    process.exit(1);
  }
  rmSync(join(here, "server"), { recursive: true, force: true });
  mkdirSync(join(here, "server"));
  copyFileSync(server, join(here, "server", name));
  chmodSync(join(here, "server", name), 0o755);
  for (const license of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    copyFileSync(join(here, "../..", license), join(here, basename(license)));
  }
  const vsce = join(here, "node_modules/@vscode/vsce/vsce");
  const args = [vsce, "package", "--no-dependencies", "--skip-license", "--target", values.target, "--out", resolve(values.out)];
  process.exit(spawnSync(process.execPath, args, { cwd: here, stdio: "inherit" }).status ?? 1);
}
