// A long review: four hundred items, worked through at the keyboard.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, median, quiet, signIn } from "./browser.mjs";
import { demo } from "./program.mjs";
import { finish, lines, observe, open } from "./queue.mjs";

describe("a review of four hundred items", () => {
  let program, browser, erin;

  before(async () => {
    program = await demo("--more-items", "400");
    browser = await launch();
    erin = await signIn(browser, program, program.account("reviewer", 1));
    await observe(erin);
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });

  it("is worked through at the keyboard, and the time to each confirmation is measured", { timeout: 400_000 }, async () => {
    await erin.goto("/reviews?state=all");
    const ids = await erin.$$eval("main a[href^='/reviews/']", (all) => [...new Set(all.map((a) => new URL(a.href).pathname.split("/")[2]))]);
    let long = "";
    for (const id of ids) {
      await erin.goto(`/reviews/${id}/queue`);
      if (await erin.locator("#queue li[data-item]").count() >= 400) long = id;
    }
    assert.ok(long, "there is a review of 400 items");
    await open(erin, `/reviews/${long}/queue`);
    const done = await finish(erin);
    const ms = median(done.map((d) => d.ms));
    console.log(`# ${done.length} decisions, median ${ms.toFixed(1)} ms, slowest ${Math.max(...done.map((d) => d.ms)).toFixed(1)} ms`);
    assert.ok(done.length >= 400, `only ${done.length} were left to decide`);
    await erin.reload();
    const left = (await lines(erin)).filter((l) => l.state === "pending");
    assert.deepEqual(left, [], "what was confirmed is kept");
    assert.ok(ms < 250, `the median is ${ms.toFixed(1)} ms`);
  });

  it("showed nothing that no page may show", () => quiet(erin));
});
