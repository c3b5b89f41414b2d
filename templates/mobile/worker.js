// Service worker of /mobile/: keeps the page and its last state for the time without a connection.
// Whatever tells that nobody is signed in any more empties it.
const CACHE = "mobile-{{ version }}";
const PAGE = "/mobile/", PART = "/mobile/?part=1";
const WAIT_MS = 6000;
const forget = async () => { for (const name of await caches.keys()) await caches.delete(name); };
self.addEventListener("install", (event) => event.waitUntil((async () => {
  // The visit that installs it was loaded past it: have the page and its last state at once.
  for (const url of [PAGE, PART]) await page(new Request(url)).catch(() => {});
  await self.skipWaiting();
})()));
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("message", (event) => { if (event.data === "forget") event.waitUntil(forget()); });

// Pages: the network first. What was kept is shown when it gives no answer in time, or the site fails.
const page = async (request) => {
  const key = request.url.includes("part=1") ? PART : PAGE;
  const live = fetch(request).then((answer) => settle(key, answer));
  live.catch(() => {});  // an answer that nobody waits for any more may fail
  const kept = await caches.match(key);
  if (!kept) return live;
  const old = () => {
    const headers = new Headers(kept.headers);
    headers.set("X-Kept", "1");  // the page's script: this tells nothing of the server's clock
    return new Response(kept.body, { status: kept.status, headers });
  };
  try {
    const answer = await Promise.race([live, late()]);
    return answer.status >= 500 ? old() : answer;
  } catch {
    return old();
  }
};
const late = () => new Promise((_, give_up) => setTimeout(give_up, WAIT_MS));
// A redirect leads to the sign-in, 401 and 403 say the same.
const settle = async (key, answer) => {
  const away = answer.redirected || answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
  if (away) await forget();
  else if (answer.ok) await (await caches.open(CACHE)).put(key, answer.clone());
  return answer;
};
// Files have hashed names: what is kept is right for ever.
const file = async (request) => {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(CACHE)).put(request, answer.clone());
  return answer;
};
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === PAGE) event.respondWith(page(event.request));
  else if (url.pathname.startsWith("{{ static_url }}")) event.respondWith(file(event.request));
});
