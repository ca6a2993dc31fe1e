// One review from its queue to its evidence: two reviewers at once, without
// script, at the keyboard, the sample, the limits, the attestation, and the
// signature of a second person.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, median, quiet, signIn } from "./browser.mjs";
import { demo } from "./program.mjs";
import { day, decide, finish, goTo, lines, observe, open, shown } from "./queue.mjs";

describe("a review, from its queue to its signatures", () => {
  let program, browser, omar, erin, review;
  const reviewer = (nth) => program.account("reviewer", nth);

  before(async () => {
    program = await demo();
    browser = await launch();
    omar = await signIn(browser, program, reviewer(0));
    erin = await signIn(browser, program, reviewer(1));
    for (const page of [omar, erin]) await observe(page);
    review = await mostPending(omar);
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });

  it("two reviewers at once lose nothing", async () => {
    const queue = `/reviews/${review}/queue`;
    await Promise.all([open(omar, queue), open(erin, queue)]);
    const pending = (await lines(omar)).filter((l) => l.state === "pending" && !l.violation).map((l) => l.key);
    const both = new Set((await lines(erin)).filter((l) => l.state === "pending").map((l) => l.key));
    const shared = pending.filter((key) => both.has(key));
    assert.ok(shared.length >= 7, `only ${shared.length} items for both to decide`);
    const [his, hers, contested] = [shared.slice(0, 3), shared.slice(3, 6), shared[6]];
    const work = async (page, keys, reason) => {
      for (const key of keys) {
        await goTo(page, key);
        const answer = await decide(page, { key: "a", reason });
        assert.deepEqual([answer.key, answer.state, answer.trouble], [key, "explained", ""]);
      }
    };
    await Promise.all([work(omar, his, "Omar looked at it."), work(erin, hers, "Erin looked at it.")]);

    // The same item: both see it undecided, the second is told and nothing of theirs is kept.
    await Promise.all([goTo(omar, contested), goTo(erin, contested)]);
    assert.equal((await decide(omar, { key: "a", reason: "Omar was first." })).trouble, "");
    const late = await decide(erin, { key: "a", reason: "Erin was second." });
    assert.match(late.trouble, /Omar Keita decided this while you were looking at it/);
    await shown(erin);

    await open(omar, queue);
    const now = new Map((await lines(omar)).map((l) => [l.key, l.state]));
    for (const key of [...his, ...hers, contested]) assert.equal(now.get(key), "explained");
    await goTo(omar, contested);
    assert.match(await omar.textContent("#item"), /Omar was first\./);
    assert.doesNotMatch(await omar.textContent("#item"), /Erin was second\./);
  });

  it("an item is decided, and undone, without script", async () => {
    const page = await signIn(browser, program, reviewer(0), { javaScriptEnabled: false });
    await page.goto(`/reviews/${review}/queue`);
    const link = page.locator("#queue li[data-item][data-state=pending]:not([data-violation]) > a").first();
    const title = await link.locator(".t").textContent();
    await link.click();
    await page.locator("#item .decide details[data-decision=explained] > summary").click();
    await page.fill("#item details[data-decision=explained] [name=reason]", "Decided by a form.");
    await page.click("#item details[data-decision=explained] form button.primary");
    await page.waitForLoadState();
    const decided = page.locator("#queue li[data-item]", { hasText: title }).and(page.locator("[data-state=explained]"));
    assert.ok(await decided.count() >= 1, "the list shows the decision");
    await decided.first().locator("> a").click();
    assert.match(await page.textContent("#item"), /Decided by a form\./);
    await page.click("#item form[data-undo] button");
    await page.waitForLoadState();
    assert.doesNotMatch(await page.textContent("#item .decide"), /Decided by a form\./);
    quiet(page);
    await page.context().close();
  });

  it("several at once, with one reason", async () => {
    await open(omar, `/reviews/${review}/queue`);
    const three = (await lines(omar)).filter((l) => l.state === "pending" && !l.violation).slice(0, 3).map((l) => l.key);
    for (const key of three) {
      await goTo(omar, key);
      await omar.keyboard.press("x");
    }
    await omar.fill("#bulk [name=reason]", "All three belong to the same planned change.");
    await omar.click("#bulk [value=explained]");
    await omar.waitForFunction((keys) => keys.every((key) => {
      const li = document.querySelector(`#queue li[data-item="${key}"]`);
      return li.dataset.state === "explained" && !li.classList.contains("saving");
    }), three);
    assert.equal((await lines(omar)).filter((l) => l.trouble).length, 0);
  });

  it("an item becomes a finding with an owner and a date", async () => {
    await open(omar, `/reviews/${review}/queue`);
    const violation = (await lines(omar)).find((l) => l.state === "pending" && l.violation);
    assert.ok(violation, "the demo has a violation to decide");
    await goTo(omar, violation.key);
    await omar.keyboard.press("f");
    const box = omar.locator("#item .decide details[open]");
    await box.locator("[name=reason]").fill("Nobody ordered this.");
    for (const [name, value] of [["owner", "alice@nordhaven.example"], ["due_date", day(14)], ["due", day(14)]]) {
      const field = box.locator(`[name=${name}]`);
      if (await field.count() && !(await field.inputValue())) await field.fill(value);
    }
    await box.locator("form button.primary").click();
    await omar.waitForFunction((key) => {
      const li = document.querySelector(`#queue li[data-item="${key}"]`);
      return li.dataset.state === "finding" && !li.classList.contains("saving");
    }, violation.key);
    await omar.goto(`/findings?review=${review}`);
    assert.match(await omar.textContent("main"), new RegExp(violation.title.slice(0, 30).replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  });

  it("the queue is worked through at the keyboard, and the time to each confirmation is measured", { timeout: 300_000 }, async () => {
    await open(omar, `/reviews/${review}/queue`);
    const done = await finish(omar);
    assert.ok(done.length >= 10, `only ${done.length} items were left to decide`);
    const ms = median(done.map((d) => d.ms));
    console.log(`# ${done.length} decisions, median ${ms.toFixed(1)} ms, slowest ${Math.max(...done.map((d) => d.ms)).toFixed(1)} ms`);
    assert.ok(ms < 250, `the median is ${ms.toFixed(1)} ms`);

    // Undo takes the last one back, and it is decided again.
    const last = done.at(-1).key;
    await goTo(omar, last);
    await omar.keyboard.press("u");
    await omar.waitForFunction((key) => document.querySelector(`#queue li[data-item="${key}"]`).dataset.state === "pending", last);
    await shown(omar);
    await finish(omar);

    // What is about Omar himself is Erin's.
    await open(erin, `/reviews/${review}/queue`);
    await finish(erin);
    assert.deepEqual((await lines(erin)).filter((l) => l.state === "pending"), []);
  });

  it("the sample is read", { timeout: 180_000 }, async () => {
    for (const page of [omar, erin]) {
      await open(page, `/reviews/${review}/sample`);
      for (;;) {
        const next = (await lines(page)).find((l) => l.state === "pending");
        if (!next) break;
        await goTo(page, next.key);
        const answer = await decide(page, { key: "r" });
        assert.equal(answer.trouble, "");
      }
    }
  });

  it("every limit is acknowledged with its cause and what follows", async () => {
    await omar.goto(`/reviews/${review}/health`);
    for (let i = 0; i < 30; i++) {
      const form = omar.locator("form[action$='/limits']:has([name=cause])").first();
      if (!await form.count()) break;
      await form.locator("[name=cause]").fill("A host was silent for an hour while it was moved.");
      await form.locator("[name=consequence]").fill("What happened in that hour was read on the host itself; nothing else depends on it.");
      await form.locator("button").last().click();
      await omar.waitForLoadState();
    }
    assert.equal(await omar.locator("form[action$='/limits']:has([name=cause])").count(), 0);
  });

  it("a wrong password signs nothing, the right one attests", async () => {
    await omar.goto(`/reviews/${review}/sign-off`);
    await sign(omar, "attest", "wrong password");
    assert.ok(await omar.locator("form[action$='/attest']").count(), "it can be tried again");
    await sign(omar, "attest", reviewer(0).password);
    await omar.goto(`/reviews/${review}/sign-off`);
    assert.equal(await omar.locator("form[action$='/attest']").count(), 0);
    assert.match(await omar.textContent("main"), /Omar Keita/);
  });

  it("nobody decides after the attestation, and the reviewer cannot approve", async () => {
    await omar.goto(`/reviews/${review}/queue`);
    assert.equal(await omar.locator("#item form.why").count(), 0);
    const page = await omar.goto(`/reviews/${review}/sign-off`);
    assert.equal(page.status(), 200);
    assert.equal(await omar.locator("form[action$='/approve']").count(), 0);
  });

  it("showed nothing that no page may show", () => {
    quiet(omar);
    quiet(erin);
  });
});

/** sign chooses the first possible conclusion, if none is chosen, and signs with a password. */
export async function sign(page, what, password) {
  const form = page.locator(`form[action$='/${what}']`);
  if (!await form.locator("[name=conclusion]:checked").count()) await form.locator("[name=conclusion]:not(:disabled)").first().check();
  const step = form.locator("details").last();
  if (await step.count() && !await step.evaluate((d) => d.open)) await step.locator("> summary").click();
  await form.locator("[name=password]").fill(password);
  await form.locator("button:not([type=button])").last().click();
  await page.waitForLoadState();
}

/** mostPending finds the review with most to decide. */
async function mostPending(page) {
  await page.goto("/reviews?state=all");
  const ids = await page.$$eval("main a[href^='/reviews/']", (all) => [...new Set(all.map((a) => new URL(a.href).pathname.split("/")[2]))]);
  let best = { id: "", n: 0 };
  for (const id of ids) {
    await page.goto(`/reviews/${id}/queue`);
    const n = await page.locator("#queue li[data-item][data-state=pending]").count();
    if (n > best.n) best = { id, n };
  }
  assert.ok(best.id, "the demo has a review with something to decide");
  return best.id;
}
