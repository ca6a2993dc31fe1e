// Every page, for every role: links lead somewhere, forms carry their token,
// nothing breaks on the console or against the content policy, and axe finds
// nothing, on a laptop in light and dark and on a phone.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, laptop, phone, quiet, signIn, violations, visitor } from "./browser.mjs";
import { crawl } from "./crawl.mjs";
import { demo } from "./program.mjs";

const roles = ["officer", "reviewer", "approver", "auditor", "admin"];

describe("every page", () => {
  let program, browser;
  const seen = new Map(); // role → what its crawl found
  before(async () => {
    program = await demo();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });

  it("the demo is ready within ten seconds", () => {
    assert.ok(program.readyAfter < 10_000, `it took ${Math.round(program.readyAfter)} ms`);
  });

  for (const role of roles) {
    it(`links, forms and headers hold for the ${role}`, { timeout: 180_000 }, async () => {
      const page = await signIn(browser, program, program.account(role));
      const found = await crawl(page);
      seen.set(role, found);
      await page.context().close();
      const wrong = [];
      for (const p of found) {
        if (p.status !== 200) wrong.push(`${p.address} (linked from ${p.from}) answers ${p.status}`);
        if (!p.csp?.includes("default-src 'none'")) wrong.push(`${p.address} has no strict content policy`);
        if (!p.type.startsWith("text/html")) continue;
        if (p.headings !== 1) wrong.push(`${p.address} has ${p.headings} headings of the first level`);
        if (p.foreign.length) wrong.push(`${p.address} links away: ${p.foreign}`);
        if (p.twice.length) wrong.push(`${p.address} uses an id twice: ${p.twice}`);
        if (p.inline.length) wrong.push(`${p.address} has script or style inline: ${p.inline[0]}`);
        for (const form of p.forms) {
          if (form.method === "post" && !form.csrf) wrong.push(`${p.address}: the form to ${form.action} has no token`);
          if (form.method !== "dialog" && !form.button && form.action) wrong.push(`${p.address}: the form to ${form.action} has no button`);
        }
      }
      assert.deepEqual(wrong, []);
      assert.ok(found.length > 20, `only ${found.length} addresses were found: the crawl does not see the product`);
    });
  }

  for (const [name, options] of [["in light", { viewport: laptop, colorScheme: "light" }], ["in dark", { viewport: laptop, colorScheme: "dark" }], ["on a phone", { viewport: phone, colorScheme: "light", isMobile: true, hasTouch: true }]]) {
    it(`axe and the console find nothing ${name}`, { timeout: 300_000 }, async () => {
      const found = [];
      const visited = new Set();
      const look = async (page, address) => {
        await page.goto(address);
        for (const line of await violations(page)) found.push(`${address}: ${line}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 1) found.push(`${address}: the page is ${wide} px wider than the window`);
      };
      const stranger = await visitor(browser, program, options);
      await look(stranger, "/sign-in");
      quiet(stranger);
      await stranger.context().close();
      // The roles that see most first; a shape is looked at once.
      for (const role of ["admin", "reviewer", "approver", "officer"]) {
        const page = await signIn(browser, program, program.account(role), options);
        for (const p of seen.get(role) ?? []) {
          // Filters change what is in a list, not what a page is made of: one or two of each page are enough.
          const [path, filters] = p.shape.split("?");
          const kind = filters ? `${path}?${filters.split("&").length}` : path;
          if (!p.type.startsWith("text/html") || visited.has(kind)) continue;
          visited.add(kind);
          await look(page, p.address);
        }
        quiet(page);
        await page.context().close();
      }
      assert.deepEqual(found, []);
      assert.ok(visited.size > 15, `only ${visited.size} kinds of page were looked at`);
    });
  }

  it("axe finds what is wrong (control)", async () => {
    const page = await visitor(browser, program);
    await page.setContent("<html lang=en><title>x</title><main><h1>x</h1><img src='data:,'><input></main>");
    const rules = (await violations(page)).map((line) => line.split(":")[0]);
    assert.ok(rules.includes("image-alt") && rules.includes("label"), rules.join());
    await page.context().close();
  });
});
