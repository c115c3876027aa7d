// Chromium for the tests of pages. `cargo x web` says where things are: `TOOLS` has the packages,
// `CHROMIUM` is the program, `WWW` the folder with the pages, `SHOTS` one for pictures of them.
import { createReadStream, readdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { after, before } from "node:test";
import { createGzip } from "node:zlib";

export const www = process.env.WWW;
/** What the playground loads, in the folder of its version. */
export const loaded = (name) => {
  const folder = join(www, "playground");
  return join(folder, readdirSync(folder).find((name) => /^[0-9a-f]{16}$/.test(name)), name);
};
export const require = createRequire(join(process.env.TOOLS, "package.json"));
const { chromium, devices } = require("playwright-core");

/** Phones whose screens and touch are tried: a small one and a common one. */
export const phones = [devices["iPhone SE"], devices["Pixel 7"]];

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** What servers send compressed. */
const IS_TEXT = /^text|json$|svg/;

/** A file on its way; it may go while it is asked for. */
const sent = (file, response) => createReadStream(file).on("error", () => response.destroy());

/**
 * Serves a folder under a path that no page can know, on loopback; gives the address of the folder. `more` are
 * headers, `asked` takes the paths that are asked for, and with `isShort` pages have the addresses of their folders
 * alone, as some hosts have it.
 */
export async function serve(folder = www, more = {}, { isShort = false, asked = [] } = {}) {
  const prefix = "/any/folder/";
  const server = createServer(async ({ url, headers }, response) => {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    asked.push(path);
    if (isShort && path.endsWith("/index.html")) return response.writeHead(308, { location: "./" }).end();
    const inner = isShort && path.endsWith("/") ? `${path}index.html` : path;
    const file = inner.startsWith(prefix) ? join(folder, inner.slice(prefix.length)) : "";
    const found = file && (await stat(file).catch(() => undefined));
    if (!found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    for (const [name, value] of Object.entries({ "content-type": type, ...more })) response.setHeader(name, value);
    if (!IS_TEXT.test(type) || !/\bgzip\b/.test(headers["accept-encoding"])) return sent(file, response).pipe(response);
    response.setHeader("content-encoding", "gzip");
    sent(file, response).pipe(createGzip()).pipe(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  // A test that fails does not close it, and nobody is to wait for it then.
  server.unref();
  return { address: `http://127.0.0.1:${server.address().port}${prefix}`, close: () => server.close() };
}

/** Takes a picture, to be looked at by people. */
export function shot(page, name, options = {}) {
  return page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), ...options });
}

/** The pages on a server, and Chromium, from before the first test of a file until after the last one. */
export function stage() {
  const stage = {};
  before(async () => Object.assign(stage, { server: await serve(), browser: await launch() }));
  after(async () => {
    await quit(stage.browser);
    stage.server.close();
  });
  return stage;
}

/** Starts Chromium. `--disable-…`: it asks nobody but the page's own server for anything. */
export function launch(more = []) {
  const flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update", "--disable-sync"];
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-background-networking", ...flags, ...more],
  });
}

/** Ends Chromium; Playwright may miss that it has gone. */
export async function quit(browser) {
  let patience;
  await Promise.race([browser.close(), new Promise((over) => (patience = setTimeout(over, 10_000)))]);
  clearTimeout(patience);
}

/**
 * A page of its own, as `browser.newContext` takes options. What goes wrong in it is in `problems`:
 * exceptions, errors on the console (what the Content-Security-Policy forbids among them), requests
 * that fail, and requests to anybody but `origin`.
 */
export async function open(browser, origin, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("requestfailed", (request) => {
    // Who goes on before an icon is there has not failed.
    if (request.failure().errorText !== "net::ERR_ABORTED") {
      problems.push(`failed: ${request.url()}`);
    }
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!/^(data|blob):/.test(url) && !url.startsWith(origin)) {
      problems.push(`request elsewhere: ${url}`);
    }
  });
  return { page, problems, close: () => context.close() };
}
