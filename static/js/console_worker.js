/** Opens the console's page without a connection, as it was when it came last: only on the device of
 *  who has it open, for a day. Each person's page lies apart. It is deleted when the session here has
 *  ended and when somebody else is signed in (here, and static/js/vedika.js on every page); signing
 *  out deletes all (Clear-Site-Data). Presses pass by here. */

const PAGES = "vedika-console-"; // and whose
const PARTS = "vedika-parts"; // what pages are made of, the same for everybody
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

/** Whose page it is, by the server's word. */
const ownerOf = (answer) => answer.headers.get("X-Recorder") ?? "";

/** From the network; what was kept where there is none. Another answer than the page ends the keeping. */
async function page(request, pathname) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout?.(PATIENCE) });
    const isRefused = answer.type === "opaqueredirect" || [403, 404].includes(answer.status);
    if (isRefused) await leaveOnly("");
    else if (answer.ok && ownerOf(answer)) await keep(pathname, answer.clone());
    return answer;
  } catch (error) {
    const kept = await found(pathname);
    if (kept) return kept;
    throw error;
  }
}

async function keep(pathname, answer) {
  const name = PAGES + ownerOf(answer);
  await leaveOnly(name);
  await (await caches.open(name)).put(pathname, answer);
}

/** Delete the pages of all others. */
async function leaveOnly(name) {
  const others = (await caches.keys()).filter((one) => one.startsWith(PAGES) && one !== name);
  await Promise.all(others.map((one) => caches.delete(one)));
}

/** The page that was kept: of one person alone, who was signed in here last, and not too old. */
async function found(pathname) {
  const names = (await caches.keys()).filter((one) => one.startsWith(PAGES));
  if (names.length > 1) return await leaveOnly("");
  for (const name of names) {
    const kept = await (await caches.open(name)).match(pathname);
    const isYoung = kept && Date.now() - Date.parse(kept.headers.get("Date")) < OLDEST;
    if (isYoung && name === PAGES + ownerOf(kept)) return kept;
    await caches.delete(name);
  }
  return undefined;
}

/** What the page is made of: as it came last, where it cannot come again. */
async function part(request) {
  const cache = await caches.open(PARTS);
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
