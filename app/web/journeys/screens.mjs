// Pictures of every page in light, dark and on a phone, to docs/screens. The
// demo's data follow the calendar, so pictures differ from week to week.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch, laptop, phone, setUp, signIn, visitor } from "./browser.mjs";
import { crawl } from "./crawl.mjs";
import { demo, serve } from "./program.mjs";
import { bring, fill, lookAt, runOver, save, searchServer } from "./store.mjs";

const out = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../docs/screens");
const looks = [
  ["", { viewport: laptop, colorScheme: "light" }],
  ["-dark", { viewport: laptop, colorScheme: "dark" }],
  ["-phone", { viewport: phone, colorScheme: "light", isMobile: true, hasTouch: true }],
];
// A page is named by its shape; these read better.
const names = {
  "/": "home", "/reviews/*": "review", "/reviews/*/queue": "review-queue", "/reviews/*/items/*": "review-item", "/reviews/*/sample": "review-sample",
  "/reviews/*/sample/*": "review-sample-entry", "/reviews/*/health": "review-health", "/reviews/*/sign-off": "review-sign-off",
  "/runs/*": "run", "/runs/*/results/*": "result", "/runs/*/items/*": "item", "/runs/new": "run-start", "/reviews/*/items/*/around": "review-item-around", "/changes/object": "change", "/findings/*": "finding", "/evidence/*": "evidence-package", "/evidence/*/*": "evidence-package",
  "/people/*": "person", "/sources/*": "source", "/sources/*/edit": "source-edit", "/sources/new": "source-add", "/checks/*": "check", "/controls/*": "control", "/people/history/*": "people-history-entry",
};
const name = (shape) => names[shape] ?? shape.slice(1).replaceAll("/*", "-one").replaceAll("/", "-");

async function picture(page, file) {
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: path.join(out, `${file}.png`), fullPage: true, animations: "disabled", clip: await cut(page) });
}

/** cut keeps pictures of long lists to what a person would scroll through. */
async function cut(page) {
  const { width } = page.viewportSize();
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  return { x: 0, y: 0, width, height: Math.min(height, 2400) };
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const browser = await launch();

const empty = await serve();
for (const [suffix, options] of looks) {
  const page = await visitor(browser, empty, options);
  await page.goto("/setup");
  await picture(page, `setup${suffix}`);
  await page.context().close();
}
await empty.stop();

const program = await demo();
const plan = new Map(); // name → {address, role}
for (const role of ["reviewer", "approver", "admin"]) {
  const page = await signIn(browser, program, program.account(role));
  for (const p of await crawl(page, { most: 12 })) {
    const [place, question] = p.shape.split("?");
    if (!p.type?.startsWith("text/html") || p.status !== 200 || (question && place !== "/changes/object")) continue;
    // Of several of one kind, the one that shows most; of sign-offs, the one that can be signed; of results, one with items.
    const signs = place.endsWith("/sign-off") ? p.forms.filter((f) => /\/(approve|reperform)$/.test(f.action ?? "")).length : 0;
    const items = place.includes("/results/") ? p.links.filter((l) => l.includes("/items/")).length : 0;
    const weight = p.links.length + 1000 * (signs + items);
    if (weight > (plan.get(name(place))?.weight ?? -1)) plan.set(name(place), { address: p.address, role, weight });
  }
  await page.context().close();
}
for (const [suffix, options] of looks) {
  const stranger = await visitor(browser, program, options);
  await stranger.goto("/sign-in");
  await picture(stranger, `sign-in${suffix}`);
  await stranger.context().close();
  const pages = new Map();
  for (const [file, { address, role }] of plan) {
    if (!pages.has(role)) pages.set(role, await signIn(browser, program, program.account(role), options));
    const page = pages.get(role);
    await page.goto(address);
    await picture(page, `${file}${suffix}`);
  }
  const reviewer = pages.get("reviewer");
  await reviewer.goto("/no-such-page");
  await picture(reviewer, `not-found${suffix}`);
  await reviewer.goto("/settings/accounts");
  await picture(reviewer, `no-permission${suffix}`);
  for (const page of pages.values()) await page.context().close();
}
await program.stop();

// The demo lies in files; what a search store shows is of an installation that reads one.
const server = await searchServer();
const reading = await serve(["127.0.0.1"]);
const store = fill(server);
try {
  const admin = await setUp(browser, reading);
  await bring(admin, reading);
  await lookAt(admin, store);
  for (const [suffix, { viewport, colorScheme }] of looks) {
    await admin.setViewportSize(viewport);
    await admin.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await admin.evaluate(() => window.scrollTo(0, 0)); // the page opens at what was found
    await picture(admin, `store-add${suffix}`);
  }
  const source = await save(admin);
  await runOver(admin);
  const shown = { "store": `${source}?look=now`, "store-run": new URL(admin.url()).pathname, "store-overview": `${source}/overview?from=2026-11-20&to=2026-11-20` };
  for (const [suffix, options] of looks) {
    const page = await visitor(browser, reading, { ...options, storageState: await admin.context().storageState() });
    for (const [file, address] of Object.entries(shown)) {
      await page.goto(address);
      await picture(page, `${file}${suffix}`);
    }
    await page.context().close();
  }
} finally {
  await store.remove();
  await reading.stop();
  await server.stop();
}
await browser.close();

// A third of the size, and the eye sees no difference.
try {
  execFileSync("pngquant", ["--force", "--ext", ".png", "--strip", "96", ...readdirSync(out).map((f) => path.join(out, f))]);
} catch (err) {
  if (err.code !== "ENOENT") throw err;
  console.log("Without the program pngquant the pictures stay three times as large as they need to be.");
}
console.log(`${plan.size} pages, ${looks.length} looks each, in docs/screens`);
process.exit(0);
