// The page without a network. Its files are in a folder whose name is their version, so that one page never gets
// the files of another; `cargo x web` writes here which there are.
const VERSION = "@VERSION@";
const FIRST = "@FIRST@";
const LATER = "@LATER@";
const PREFIX = "transom-playground-";
const PAGE = "index.html";
/** How long the network may take to say whether there is a new version, in milliseconds. */
const PATIENCE = 3_000;

/** Keeps files of this version, as the server has them and not as some cache on the way had them before. */
async function keep(names) {
  const cache = await caches.open(PREFIX + VERSION);
  const known = await Promise.all(names.map((name) => cache.match(name)));
  const missing = names.filter((_, index) => !known[index]);
  await cache.addAll(missing.map((name) => new Request(name, { cache: "reload" })));
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
    return first?.ok ? first : ((await known()) ?? fresh);
  };
  if (name === PAGE) event.respondWith(newest());
  else if (/^[0-9a-f]{16}\//.test(name)) event.respondWith(known().then((kept) => kept ?? fetch(event.request)));
});
