// The browser: one Chromium a journey, people who sign in with it, and what is
// watched on every page they open.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const laptop = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/**
 * visitor opens a context and a page in it. page.troubles collects what no page
 * may show: errors on the console, uncaught ones, what the content policy
 * refused, and answers of 500 and above.
 */
export async function visitor(browser, program, options = {}) {
  const context = await browser.newContext({ baseURL: program.url, viewport: laptop, locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  watch(page);
  return page;
}

export function watch(page) {
  page.troubles = [];
  const add = (what) => page.troubles.push(`${new URL(page.url()).pathname}: ${what}`);
  page.on("console", (message) => {
    // A refused request is said by the page itself; the browser's own line about it is no error of ours.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) add(message.text());
  });
  page.on("pageerror", (err) => add(err.message));
  page.on("response", (response) => {
    if (response.status() >= 500) add(`${response.request().method()} ${new URL(response.url()).pathname} answered ${response.status()}`);
  });
}

/** quiet fails when something was seen that no page may show. */
export function quiet(page) {
  assert.deepEqual(page.troubles, []);
}

/** signIn opens a visitor and signs in as an account of the demo. */
export async function signIn(browser, program, account, options = {}) {
  const page = await visitor(browser, program, options);
  await page.goto("/sign-in");
  await page.fill("[name=email]", account.email);
  await page.fill("[name=password]", account.password);
  await page.click("form[action='/sign-in'] button");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  return page;
}

/** setUp makes the first administrator of an empty installation and gives their page. */
export async function setUp(browser, program, options = {}) {
  const page = await visitor(browser, program, options);
  await page.goto("/setup");
  page.account = { email: "ada@nordhaven.example", password: "four quiet words here" };
  for (const [name, value] of Object.entries({ token: program.token, organisation: "Nordhaven", zone: "Europe/Oslo", name: "Ada Admin", ...page.account })) await page.fill(`[name=${name}]`, value);
  await page.click("form[action='/setup'] button");
  await page.waitForURL((url) => url.pathname === "/");
  return page;
}

/** violations runs axe over the page as it is and gives one line for each node. */
export async function violations(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} (${node.failureSummary.replace(/\s+/g, " ").slice(0, 200)})`));
}

/** median of numbers. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
