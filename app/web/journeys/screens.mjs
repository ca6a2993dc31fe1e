// Pictures of every page in light, dark and on a phone, to docs/screens. The
// demo's data follow the calendar, so pictures differ from week to week.

import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch, laptop, phone, signIn, visitor } from "./browser.mjs";
import { crawl } from "./crawl.mjs";
import { demo, serve } from "./program.mjs";

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
  "/results/*": "result", "/results/*/*": "result-check", "/runs/*": "run", "/changes/*": "change", "/findings/*": "finding", "/evidence/*": "evidence-package",
  "/people/*": "person", "/sources/*": "source", "/checks/*": "check",
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
  for (const p of await crawl(page, { most: 6 })) {
    if (!p.type?.startsWith("text/html") || p.status !== 200 || p.shape.includes("?") || p.address.includes("?")) continue;
    const known = plan.get(name(p.shape));
    // The review that is being worked on shows most; for a sign-off, the one that waits for the approver.
    const better = p.shape.endsWith("/sign-off") && role === "approver" ? p.forms.some((f) => f.action?.endsWith("/approve")) : known && p.shape.startsWith("/reviews/*") && role === "reviewer" && p.forms.length > known.forms;
    if (!known || better) plan.set(name(p.shape), { address: p.address, role, forms: p.forms.length });
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
await browser.close();
await program.stop();
console.log(`${plan.size} pages, ${looks.length} looks each, in docs/screens`);
process.exit(0);
