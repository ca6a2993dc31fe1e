// A new installation: the one-time token, the first administrator, the first
// reviewer, and the first source.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { launch, quiet, violations, visitor } from "./browser.mjs";
import { recording, serve } from "./program.mjs";

describe("a new installation", () => {
  let program, browser, page;
  const password = "four quiet words here";
  before(async () => {
    program = await serve();
    browser = await launch();
    page = await visitor(browser, program);
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });

  it("leads to set-up", async () => {
    await page.goto("/");
    assert.equal(new URL(page.url()).pathname, "/setup");
    assert.deepEqual(await violations(page), []);
  });

  it("refuses a wrong token and keeps what was written", async () => {
    await fill(page, { token: "wrong", organisation: "Nordhaven", zone: "Europe/Oslo", name: "Ada Admin", email: "ada@nordhaven.example", password });
    await page.click("form[action='/setup'] button");
    assert.equal(await page.inputValue("[name=organisation]"), "Nordhaven");
    assert.equal(await page.inputValue("[name=password]"), "");
    assert.match(await page.textContent("main"), /token/i);
  });

  it("makes the first administrator and signs in", async () => {
    await fill(page, { token: program.token, organisation: "Nordhaven", zone: "Europe/Oslo", name: "Ada Admin", email: "ada@nordhaven.example", password });
    await page.click("form[action='/setup'] button");
    await page.waitForURL((url) => url.pathname === "/");
    assert.match(await page.textContent("body"), /Ada Admin/);
    assert.deepEqual(await violations(page), []);
  });

  it("is set up only once", async () => {
    const response = await page.goto("/setup");
    assert.equal(response.status(), 404);
  });

  it("adds a source and says in plain words what is there", async () => {
    const log = path.join(program.dir, "audit.log");
    writeFileSync(log, recording("real-cluster", "audit.ndjson"));
    await page.goto("/sources");
    await page.click("main a[href='/sources/new']");
    await page.fill("[name=name]", "prod-cluster");
    await page.fill("[name=target]", path.join(program.dir, "nothing-here.log"));
    await page.click("main form button:has-text('Look at it')");
    await page.waitForLoadState();
    assert.match(await page.textContent("main"), /nothing-here\.log/, "what cannot be read is named");
    await page.fill("[name=target]", log);
    await page.click("main form button:has-text('Look at it')");
    await page.waitForLoadState();
    assert.match(await page.textContent("#look"), /kubernetes/i);
    assert.deepEqual(await violations(page), []);
    await page.click("main form button:has-text('Save')");
    await page.waitForURL((url) => !url.pathname.endsWith("/probe"));
    assert.match(await page.textContent("main"), /prod-cluster/);
  });

  it("gives a reviewer a password that must be changed", async () => {
    await page.goto("/settings/accounts");
    await page.locator("details:has([name=email]) > summary").first().click().catch(() => {});
    await page.fill("form[action='/settings/accounts'] [name=name]", "Omar Keita");
    await page.fill("form[action='/settings/accounts'] [name=email]", "omar@nordhaven.example");
    await page.check("form[action='/settings/accounts'] [value=reviewer]");
    await page.click("form[action='/settings/accounts'] button");
    await page.waitForLoadState();
    const first = (await page.locator("code, .secret, [data-secret]").allTextContents()).map((t) => t.trim()).find((t) => /^\S{12,}$/.test(t));
    assert.ok(first, "the first password is shown once");
    const omar = await visitor(browser, program);
    await omar.goto("/sign-in");
    await fill(omar, { email: "omar@nordhaven.example", password: first });
    await omar.click("form[action='/sign-in'] button");
    await omar.waitForURL((url) => url.pathname === "/password");
    const home = await omar.goto("/");
    assert.equal(new URL(home.url()).pathname, "/password", "nothing else opens before the password is changed");
    quiet(omar);
    await omar.context().close();
  });

  it("showed nothing that no page may show", () => quiet(page));
});

async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) await page.fill(`[name=${name}]`, value);
}
