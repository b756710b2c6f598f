/** Opens the console's page without a connection, as it was when it came last: only on the device of
 *  who has it open, for a day; signing out deletes it (Clear-Site-Data). Presses pass by here. */

const CACHE = "vedika-console";
const OLDEST = 16 * 3_600_000; // milliseconds: a session's day
const PATIENCE = 10_000; // for the page itself, before the kept one is shown

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const isPage = request.mode === "navigate" && pathname.endsWith("/console/");
  if (isPage) event.respondWith(page(request, pathname));
  else if (["style", "script", "font", "image"].includes(request.destination)) event.respondWith(part(request));
});

/** From the network; what was kept where there is none. Another answer than the page ends the keeping. */
async function page(request, pathname) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout?.(PATIENCE) });
    if (answer.ok) await cache.put(pathname, answer.clone());
    else if (answer.type === "opaqueredirect" || [403, 404].includes(answer.status)) await cache.delete(pathname);
    return answer;
  } catch (error) {
    const kept = await cache.match(pathname);
    if (kept && Date.now() - Date.parse(kept.headers.get("Date")) < OLDEST) return kept;
    await cache.delete(pathname);
    throw error;
  }
}

/** What the page is made of: as it came last, where it cannot come again. */
async function part(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw error;
  }
}
