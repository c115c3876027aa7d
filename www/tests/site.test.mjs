// The site as it lies in dist/www: every page by itself, then some of them in Chromium.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import { open, phones, require, shot, stage, www } from "./chromium.mjs";

/** The pages of the site by their paths; the playground is tested by itself. */
const pages = new Map();
for (const path of readdirSync(www, { recursive: true })) {
  if (path.endsWith(".html") && !path.startsWith("playground")) {
    pages.set(path, readFileSync(join(www, path), "utf8"));
  }
}
const rules = [...pages.keys()].filter((path) => /^rules.WIN/.test(path));
const RULE = "rules/WIN101-windows-pod-not-pinned.html";
/** One of each kind. */
const KINDS = ["index.html", "rules/index.html", RULE, "guides/aks.html", "engines/index.html", "engines/kubernetes.html"];

const on = stage();

/** Every value of an attribute that names something to load or to go to. */
function links(html) {
  return [...html.matchAll(/\s(href|src|srcset|action|poster|data|content)="([^"]*)"/g)]
    .map(([, name, value]) => ({ name, value: value.replaceAll("&amp;", "&").replaceAll("&quot;", '"') }))
    .filter(({ name, value }) => name !== "content" || /^[a-z]+:\/\//.test(value));
}

const idsIn = (html) => new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));

test("every link and anchor within the site leads somewhere", () => {
  const ids = new Map([...pages].map(([path, html]) => [path, idsIn(html)]));
  let within = 0;
  for (const [path, html] of pages) {
    for (const { value } of links(html)) {
      if (/^[a-z]+:/.test(value)) {
        continue;
      }
      within += 1;
      assert.ok(!value.startsWith("/"), `${path}: ${value} is not relative`);
      const [file, anchor] = value.split("#");
      const target = file === "" ? path : relative(www, resolve(www, dirname(path), file));
      assert.ok(!target.startsWith(".."), `${path}: ${value} leaves the site`);
      if (/^playground\b/.test(target) && !existsSync(join(www, "playground"))) {
        continue;
      }
      assert.ok(existsSync(join(www, target)), `${path}: ${value} is not there`);
      if (anchor !== undefined && !anchor.includes("=")) {
        assert.ok(ids.get(target)?.has(anchor), `${path}: ${value} has no such anchor`);
      }
    }
  }
  assert.ok(within > 3000, `${within} links`);
});

test("nothing is loaded from elsewhere, and links to elsewhere are plain", () => {
  for (const [path, html] of pages) {
    for (const [tag, name, value] of html.matchAll(/<(?!a\b)[a-z]+\b[^>]*?\s(href|src)="([^"]*)"/g)) {
      assert.ok(!/^([a-z]+:)?\/\//.test(value), `${path}: ${name} of ${tag}`);
    }
    for (const { value } of links(html).filter(({ value }) => /^[a-z]+:/.test(value))) {
      assert.ok(value.startsWith("https://"), `${path}: ${value}`);
    }
    assert.match(html, /http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.ok(!/\sstyle=|<style|\son[a-z]+=/.test(html), `${path} has code or style of its own`);
  }
  for (const name of readdirSync(join(www, "assets")).filter((name) => name.endsWith(".css"))) {
    const css = readFileSync(join(www, "assets", name), "utf8");
    assert.ok(!/url\(|@import/.test(css), `${name} loads something`);
  }
});

test("every rule has a page, which the index links", () => {
  const index = pages.get(join("rules", "index.html"));
  const known = JSON.parse(/id="errors" type="application\/json">(.*?)<\/script>/s.exec(index)[1]);
  assert.ok(known.length > 100);
  const expected = known.map(({ id, name }) => join("rules", `${id}-${name}.html`));
  assert.deepEqual(rules.toSorted(), expected.toSorted());
  for (const [at, { id, name }] of known.entries()) {
    const page = pages.get(expected[at]);
    assert.ok(index.includes(`href="${id}-${name}.html"`), `${id} in the index`);
    assert.ok(page.includes(`href="../playground/index.html#example=${name}"`), `${id} in the playground`);
    for (const heading of ["bad", "good", "platforms", "engines", "ignore"]) {
      assert.ok(idsIn(page).has(heading), `${id}: ${heading}`);
    }
    assert.match(page, /class="stages /);
    // What is wrong is marked where the core finds it.
    assert.match(page, /<mark>/, id);
  }
});

test("the HTML is valid", async () => {
  const { HtmlValidate, StaticConfigLoader } = require("html-validate");
  const validate = new HtmlValidate(
    new StaticConfigLoader({
      extends: ["html-validate:standard"],
      rules: {
        // How documents are written, not whether they are valid.
        "doctype-style": "off",
        "void-style": "off",
        "no-trailing-whitespace": "off",
        // A block of code or a table that scrolls has to be reached by the keyboard.
        "no-redundant-role": "error",
        "prefer-native-element": "off",
        // Longer than a search engine shows is no mistake.
        "long-title": "off",
      },
    }),
  );
  const wrong = [];
  for (const [path, html] of pages) {
    const { results } = await validate.validateString(html);
    for (const { line, message, ruleId } of results.flatMap(({ messages }) => messages)) {
      wrong.push(`${path}:${line}: ${message} (${ruleId})`);
    }
  }
  assert.deepEqual(wrong.slice(0, 20), []);
});

test("axe finds nothing, in both themes", async () => {
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  for (const colorScheme of ["light", "dark"]) {
    for (const path of KINDS) {
      // axe is not of the page: its policy need not allow it.
      const { page, close } = await open(on.browser, on.server.address, { colorScheme, bypassCSP: true });
      await page.goto(on.server.address + path);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
      const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join("\n  ")}`);
      assert.deepEqual(said, [], `${path} in ${colorScheme}`);
      await close();
    }
  }
});

test("rules are found by id, by name, by words and by the text of an error", async () => {
  const { page, problems, close } = await open(on.browser, on.server.address);
  await page.goto(`${on.server.address}rules/index.html`);
  const query = page.getByRole("searchbox", { name: "Search, or paste an error" });
  const shown = (list) => page.locator(`${list} li:visible .id`).allTextContents();
  const searched = async (text) => {
    await query.fill(text);
    return { causes: await shown("#causes"), named: await shown(".family"), said: await page.getByRole("status").textContent() };
  };

  const byId = await searched("win401");
  assert.deepEqual([byId.causes, byId.named, byId.said], [[], ["WIN401"], "1 rule of 141".replace("141", rules.length)]);
  const byName = await searched("host-network");
  assert.deepEqual(byName.causes, []);
  assert.ok(byName.named.includes("WIN401"));
  assert.ok((await searched("gmsa webhook")).named.includes("WIN318"));
  for (const [field, id] of [["hostPort", "WIN402"], ["fsGroup", "WIN202"], ["emptyDir", "WIN501"], ["hostNetwork", "WIN401"]]) {
    assert.ok((await searched(field)).named.includes(id), field);
  }

  // As it is pasted out of an event.
  const pull =
    'Warning  Failed  3s  kubelet  Failed to pull image "mcr.microsoft.com/windows/nanoserver:ltsc2022": rpc error: ' +
    "code = NotFound desc = no match for platform in manifest sha256:0123: not found";
  const byError = await searched(pull);
  assert.ok(byError.causes.includes("WIN603") && byError.causes.includes("WIN101"), byError.causes.join());
  assert.deepEqual(byError.named, []);
  await page.getByLabel("Severity").selectOption("warning");
  assert.notDeepEqual(await shown("#causes"), byError.causes);

  // A link to a search is a search.
  const address = page.url();
  await page.goto("about:blank");
  await page.goto(address);
  assert.equal(await query.inputValue(), pull);
  assert.equal(await page.getByLabel("Severity").inputValue(), "warning");

  await page.getByLabel("Severity").selectOption("");
  const none = await searched("Liveness probe returned 500");
  assert.deepEqual([none.causes, none.named], [[], []]);
  assert.match(none.said, /^No rule knows this/);
  await page.getByRole("button", { name: "0xc0370101" }).click();
  assert.ok((await shown("#causes")).includes("WIN603"));
  await page.locator("#causes li:visible a").first().click();
  await page.waitForURL(/rules\/WIN\d+/);
  assert.deepEqual(problems, []);
  await close();
});

test("the theme is chosen, and kept", async () => {
  const { page, problems, close } = await open(on.browser, on.server.address, { colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.goto(`${on.server.address}index.html`);
  const light = await ground();
  await page.getByRole("button", { name: "Use dark colours" }).press("Enter");
  const dark = await ground();
  assert.notEqual(light, dark);
  await page.goto(on.server.address + RULE);
  assert.equal(await ground(), dark);
  assert.deepEqual(problems, []);
  await close();
});

test("the keyboard reaches the content past the navigation", async () => {
  const { page, close } = await open(on.browser, on.server.address);
  await page.goto(on.server.address + RULE);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await close();
});

test("no page is wider than a phone", async () => {
  for (const phone of phones) {
    const { page, problems, close } = await open(on.browser, on.server.address, phone);
    const isWider = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
    for (const path of KINDS) {
      await page.goto(on.server.address + path);
      assert.ok(!(await page.evaluate(isWider)), path);
    }
    // The others are shown in the frame of one of them, which is quicker than to load each.
    await page.goto(on.server.address + RULE);
    for (const [path, html] of pages) {
      const main = /<main.*?>(.*)<\/main>/s.exec(html)[1];
      await page.evaluate((main) => (document.querySelector("main").innerHTML = main), main);
      assert.ok(!(await page.evaluate(isWider)), path);
    }
    assert.deepEqual(problems, []);
    await close();
  }
});

test("pictures of the site", async () => {
  const screens = { light: { colorScheme: "light" }, dark: { colorScheme: "dark" }, phone: phones[0] };
  for (const [screen, options] of Object.entries(screens)) {
    const { page, problems, close } = await open(on.browser, on.server.address, options);
    for (const [name, path] of [
      ["first", "index.html"],
      ["search", "rules/index.html#q=no+match+for+platform+in+manifest"],
      ["rule", RULE],
      ["guide", "guides/aks.html"],
      ["engines", "engines/index.html"],
    ]) {
      await page.goto(on.server.address + path);
      await shot(page, `site-${name}-${screen}`);
    }
    assert.deepEqual(problems, []);
    await close();
  }
});

test("the site works from files", async () => {
  const address = pathToFileURL(`${www}/`).href;
  const { page, problems, close } = await open(on.browser, address);
  await page.goto(`${address}rules/index.html#q=PodOSNotSupported`);
  await page.getByRole("heading", { name: "What causes this error" }).waitFor();
  await page.getByRole("searchbox").fill("WIN101");
  await page.locator(".family li:visible a").click();
  await page.getByRole("heading", { level: 1, name: "WIN101" }).waitFor();
  assert.deepEqual(problems, []);
  await close();
});
