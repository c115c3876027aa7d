// The page without a network. Its files are in a folder whose name is their version, so that one page never gets
// the files of another; `cargo x web` writes here which there are.
const VERSION = "@VERSION@";
const FIRST = "@FIRST@";
const LATER = "@LATER@";
const PREFIX = "transom-playground-";
const PAGE = "index.html";
/** How long the network may take to say whether there is a new version, in milliseconds. */
const PATIENCE = 3_000;

/** An answer that may open a page: browsers take none for that to which somebody was sent on. */
const direct = (response) => (response.redirected ? new Response(response.body, response) : response);

/**
 * Keeps files of this version. The page comes from the server itself; all else has the version in its name, so
 * what the browser has of it is not loaded again.
 */
async function keep(names) {
  const cache = await caches.open(PREFIX + VERSION);
  const add = async (name) => {
    if (await cache.match(name)) return;
    const response = await fetch(name, name === PAGE ? { cache: "reload" } : {});
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    await cache.put(name, direct(response));
  };
  await Promise.all(names.map(add));
}

self.addEventListener("install", (event) => event.waitUntil(keep(FIRST).then(() => self.skipWaiting())));

self.addEventListener("activate", (event) => {
  const takeOver = async () => {
    // Pages of the version before may be open, and ask for more of their files.
    const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== PREFIX + VERSION);
    await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(takeOver());
});

// The page says when nobody waits for anything any more: then comes what may be asked for later. It may say so twice.
let later;
self.addEventListener("message", (event) => {
  later ??= keep(LATER).catch((error) => {
    later = undefined;
    throw error;
  });
  event.waitUntil(later);
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const scope = new URL(self.registration.scope);
  if (event.request.method !== "GET" || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  const name = url.pathname.slice(scope.pathname.length) || PAGE;
  const known = async () => (await (await caches.open(PREFIX + VERSION)).match(name)) ?? caches.match(name);
  const newest = async () => {
    const fresh = fetch(url, { cache: "no-cache" });
    const first = await Promise.race([fresh, new Promise((over) => setTimeout(over, PATIENCE))]).catch(() => undefined);
    return first?.ok ? direct(first) : ((await known()) ?? direct(await fresh));
  };
  if (name === PAGE) event.respondWith(newest());
  else if (/^[0-9a-f]{16}\//.test(name)) event.respondWith(known().then((kept) => kept ?? fetch(event.request)));
});
