// What a compliance officer sees first, and how they find their way.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, quiet, signIn, visitor } from "./browser.mjs";
import { demo } from "./program.mjs";

describe("the compliance officer", () => {
  let program, browser, page;
  before(async () => {
    program = await demo();
    browser = await launch();
    page = await signIn(browser, program, program.account("officer"));
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });

  it("a wrong password says nothing about the account", async () => {
    const stranger = await visitor(browser, program);
    const said = [];
    for (const email of [program.account("officer").email, "nobody@nordhaven.example"]) {
      await stranger.goto("/sign-in");
      await stranger.fill("[name=email]", email);
      await stranger.fill("[name=password]", "not the password");
      await stranger.click("form[action='/sign-in'] button");
      await stranger.waitForLoadState();
      said.push((await stranger.textContent("[role=alert]")).trim());
    }
    assert.ok(said[0].length > 10);
    assert.equal(said[0], said[1]);
    quiet(stranger);
    await stranger.context().close();
  });

  it("home begins with one sentence that is true", async () => {
    await page.goto("/");
    const sentence = (await page.locator("main .lede, main h1 + p").first().textContent()).trim();
    assert.match(sentence, /^[A-Z0-9].{20,}\.$/s, sentence);
    // An hour of silence, an overdue review and one that waits for its approver are in the demo.
    assert.match(await page.textContent("main"), /silent|silence/i);
    assert.match(await page.textContent("main"), /overdue|late|missed/i);
  });

  it("every place in the navigation opens by its keys", async () => {
    for (const [letter, path] of Object.entries({ r: "/reviews", t: "/results", c: "/changes", f: "/findings", e: "/evidence", k: "/checks", p: "/people", s: "/sources", l: "/trail", h: "/" })) {
      await page.keyboard.press("g");
      await page.keyboard.press(letter);
      await page.waitForURL((url) => url.pathname === path);
      assert.equal(await page.evaluate(() => performance.getEntriesByType("navigation")[0].responseStatus), 200, path);
      assert.equal(await page.locator("main h1").count(), 1, path);
    }
  });

  it("/ finds a control by its old name", async () => {
    await page.goto("/");
    await page.keyboard.press("/");
    await page.locator("#find[open] #find-q").fill("A.9.2.1");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === "/find");
    assert.match(await page.textContent("main"), /5\.16/);
  });

  it("? lists the keys, Escape closes them", async () => {
    await page.goto("/");
    await page.keyboard.press("?");
    await page.waitForSelector("#keys[open]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#keys:not([open])", { state: "attached" });
  });

  it("a page that does not exist, and one that is for others, say so in their own words", async () => {
    const missing = await page.goto("/reviews/no-such-review");
    assert.equal(missing.status(), 404);
    const first = await page.textContent("main");
    const others = await page.goto("/settings/accounts");
    assert.equal(others.status(), 403);
    const second = await page.textContent("main");
    assert.notEqual(first, second);
    assert.match(second, /administrator/i);
  });

  it("signing out ends the session everywhere in this browser", async () => {
    await page.goto("/");
    await page.click("form[action='/sign-out'] button");
    await page.waitForURL((url) => url.pathname === "/sign-in");
    await page.goto("/reviews");
    assert.equal(new URL(page.url()).pathname, "/sign-in");
  });

  it("showed nothing that no page may show", () => quiet(page));
});
