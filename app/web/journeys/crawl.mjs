// Crawling: every address that pages link to, a few of each shape.

/** shape is an address with what differs between things of one kind taken out. */
export function shape(address) {
  const url = new URL(address, "http://x");
  const parts = url.pathname.split("/").map((part, i) => (i > 1 && /[0-9A-Z@]|^[^/]{20,}$/.test(decodeURIComponent(part)) ? "*" : part));
  return parts.join("/") + (url.search ? `?${[...url.searchParams.keys()].sort().join("&")}` : "");
}

/**
 * crawl follows links from "/" with the rights of the page's context. It gives
 * for every address asked {address, from, shape, status, type, html, forms}.
 * Of one shape it asks at most `most` addresses, and of one page with different
 * filters a few more, so that long lists and combinations of filters end.
 */
export async function crawl(page, { most = 4, limit = 400 } = {}) {
  const asked = new Map();
  const perShape = new Map();
  const queue = [{ address: "/", from: "" }];
  while (queue.length && asked.size < limit) {
    const { address, from } = queue.shift();
    const kind = shape(address);
    const filtered = `${kind.split("?")[0]}?`;
    if (asked.has(address) || (perShape.get(kind) ?? 0) >= most || (kind.includes("?") && (perShape.get(filtered) ?? 0) >= 4 * most)) continue;
    for (const counted of kind.includes("?") ? [kind, filtered] : [kind]) perShape.set(counted, (perShape.get(counted) ?? 0) + 1);
    const response = await page.context().request.get(address, { maxRedirects: 5, timeout: 120_000 });
    const type = response.headers()["content-type"] ?? "";
    const found = { address, from, shape: kind, status: response.status(), type, csp: response.headers()["content-security-policy"], links: [], forms: [] };
    asked.set(address, found);
    if (!type.startsWith("text/html")) continue;
    Object.assign(found, await page.evaluate(read, { html: await response.text(), base: response.url() }));
    for (const link of found.links) queue.push({ address: link, from: address });
  }
  return [...asked.values()];
}

/** read runs in the browser: the links and forms of a page. */
function read({ html, base }) {
  const doc = new DOMParser().parseFromString(html, "text/html");
  const here = new URL(base);
  const links = [];
  const foreign = [];
  for (const a of doc.querySelectorAll("a[href], area[href]")) {
    const url = new URL(a.getAttribute("href"), here);
    if (url.origin !== here.origin) foreign.push(url.href);
    else links.push(url.pathname + url.search);
  }
  const forms = [...doc.querySelectorAll("form")].map((form) => ({
    method: (form.getAttribute("method") ?? "get").toLowerCase(),
    action: form.getAttribute("action"),
    csrf: form.querySelector("input[name=csrf]")?.value ?? "",
    // A form that cannot be sent now shows a button that is disabled, or nothing to fill in.
    button: Boolean(form.querySelector("button, input[type=submit], [aria-disabled=true]")) || !form.querySelector("input:not([type=hidden]), textarea, select"),
  }));
  const ids = [...doc.querySelectorAll("[id]")].map((e) => e.id);
  return {
    links: [...new Set(links)], foreign, forms,
    twice: ids.filter((id, i) => ids.indexOf(id) !== i),
    inline: [...doc.querySelectorAll("[style], style, script:not([src]):not([type='application/json']), [onclick], [onload], [onsubmit]")].map((e) => e.outerHTML.slice(0, 120)),
    title: doc.title, headings: doc.querySelectorAll("h1").length,
  };
}
