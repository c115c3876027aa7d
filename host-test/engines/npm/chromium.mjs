// The package in Chromium: `chromium.mjs TOOLS PROJECT CHROMIUM [PAGE…]`. Given pages, the text of
// each comes out as a line of JSON; else questions are answered as by ask.mjs, without a bundler.
import { createReadStream, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";

const [tools, project, executablePath, ...pages] = process.argv.slice(2);
const { chromium } = createRequire(join(tools, "package.json"))("playwright-core");

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const file = createReadStream(join(project, pathname));
  file.on("error", () => response.writeHead(404).end());
  file.on("open", () => response.setHeader("content-type", TYPES[extname(pathname)] ?? "application/octet-stream"));
  file.pipe(response);
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const address = `http://127.0.0.1:${server.address().port}`;

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const browser = await chromium.launch({ executablePath, args: [...flags, "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const page = await browser.newPage();
const failed = new Promise((_, reject) => page.on("pageerror", reject));
const orFailed = (promise) => Promise.race([promise, failed]);

if (pages.length > 0) {
  for (const path of pages) {
    await page.goto(address + path);
    await orFailed(page.waitForFunction(() => document.body?.innerText.trim()));
    console.log(JSON.stringify(await page.evaluate(() => document.body.innerText.trim())));
  }
} else {
  await page.goto(`${address}/ask.html`);
  const lines = readFileSync(0, "utf8").trimEnd().split("\n");
  for (let start = 0; start < lines.length; start += 100) {
    const batch = lines.slice(start, start + 100);
    const answered = await orFailed(page.evaluate((lines) => globalThis.ask(lines), batch));
    process.stdout.write(answered.map((line) => line + "\n").join(""));
  }
}
await browser.close();
server.close();
