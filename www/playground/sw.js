// The page without a network: everything of it is kept under a version, which `cargo x web` writes here,
// and a new version takes over when the page is opened next.
const VERSION = "@VERSION@";
const FIRST = "@FIRST@";
const LATER = "@LATER@";
const NAME = `transom-playground-${VERSION}`;

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(FIRST);
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const takeOver = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("transom-playground-") && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(takeOver());
});

// The page says when nobody waits for anything any more: then comes what may be asked for later.
self.addEventListener("message", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(LATER)));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const scope = new URL(self.registration.scope);
  if (event.request.method !== "GET" || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  const name = url.pathname.slice(scope.pathname.length) || "index.html";
  if (![...FIRST, ...LATER].includes(name)) return;
  const answer = async () => {
    const cache = await caches.open(NAME);
    return (await cache.match(name)) ?? fetch(event.request);
  };
  event.respondWith(answer());
});
