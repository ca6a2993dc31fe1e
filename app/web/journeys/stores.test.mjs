// A search store as a source: an OpenSearch that really runs, connected, looked
// at, read and counted; what is wrong with an address, in words; and what is said
// when an index that was there is gone.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { laptop, launch, phone, quiet, setUp, violations } from "./browser.mjs";
import { build, freePort, recording, serve } from "./program.mjs";
import { bring, fill, lookAt, nightly, runOver, save, searchServer } from "./store.mjs";

describe("a search store", () => {
  let server, store, program, browser, page, proxy;
  let source, outcomes; // the source's page, and the outcomes of the first run by check
  before(async () => {
    build();
    // Each by itself, so that what was started ends when another did not start.
    await Promise.all([searchServer().then((s) => { server = s; }), serve(["127.0.0.1"]).then((s) => { program = s; }), launch().then((s) => { browser = s; })]);
    store = fill(server);
    proxy = createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<!doctype html><title>Sign in</title><p>Sign in to go on.")).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    page = await setUp(browser, program);
    await bring(page, program);
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
    proxy?.close();
    await store?.remove();
    await server?.stop();
  });

  for (const [what, where, said] of [
    ["an address at which nothing listens", async () => ({ url: `http://127.0.0.1:${await freePort()}`, pattern: "kubeaudit*" }), [/Nothing listens at the address/, /Check host and port/]],
    ["an address that answers with a web page", () => ({ url: `http://127.0.0.1:${proxy.address().port}`, pattern: "kubeaudit*" }), [/is a web page, not the store/, /use the address of the store itself/]],
    ["encryption that the store does not have", () => ({ url: store.url.replace("http:", "https:"), pattern: store.pattern }), [/answers without encryption/, /Change the address to http:/]],
    ["a host that the operator did not open", () => ({ url: "https://search.example.org:9200", pattern: "kubeaudit*" }), [/has not opened .*search\.example\.org/, /sources\.allow_hosts/]],
    ["a pattern that no index matches", () => ({ url: store.url, pattern: `${store.pattern.slice(0, -1)}of-others-*` }), [/No index matches journey-\S+of-others-\*/, /Check the pattern/]],
  ]) {
    it(`of ${what} it says what to do next`, async () => {
      const given = await where();
      await lookAt(page, given);
      const text = await page.textContent("main");
      for (const sentence of said) assert.match(text, sentence);
      assert.equal(await page.inputValue("[name=url]"), given.url, "what was typed is kept");
      assert.equal(await page.locator("#look .chip.good").count(), 0, "nothing says that it can be read");
      if (what.startsWith("an address that")) await clean(page);
    });
  }

  it("is looked at and said in one sentence, and saved", async () => {
    await lookAt(page, { url: store.url, pattern: store.pattern });
    const look = await page.textContent("#look");
    assert.match(look, new RegExp(`Reachable without TLS: OpenSearch ${server.version.replaceAll(".", "\\.")}, 2 indices, newest event .+, oldest .+, fields 11 of 12\\.`));
    assert.match(look, /not encrypted: log text travels in the clear/);
    assert.match(look, /838 documents/);
    assert.match(look, /alice@example\.com/, "one event is shown as it is read");
    await clean(page);
    source = await save(page);
    assert.match(await page.textContent("main"), /No run has read this source yet/);
    await clean(page);
  });

  it("is read by a run, which says what it was asked", { timeout: 120_000 }, async () => {
    await runOver(page);
    outcomes = await outcomesOf(page);
    const truth = JSON.parse(recording("real-cluster", "truth.json")).planted;
    assert.deepEqual([outcomes["NET-02"], outcomes["NET-06"]].map((o) => [o.outcome, o.items]), [["fail", truth.allow_all_introduced], ["fail", truth.policy_deleted]]);
    assert.equal(outcomes["LOG-01"].outcome, "pass", "a log without gaps passes, also from a store");
    assert.equal(outcomes["ACC-09"].outcome, "fail", "the hosts were read beside it");
    const [name, counted, read, requests, received, took] = await page.$$eval("#asked tbody tr > *", (cells) => cells.map((c) => c.firstChild.textContent.trim()));
    assert.equal(name, "kubernetes");
    assert.equal(counted, "792");
    assert.ok(Number(read) > 0 && Number(read) < 792 / 2, `${read} of ${counted} were read: the store was not asked to count`);
    assert.ok(Number(requests) > 5, requests);
    assert.match(received, /^\d+ kB$/);
    assert.match(took, /^[\d.]+ m?s$/);
    assert.equal(await page.locator("#asked tbody tr").count(), 1, "files were not asked");
    await clean(page);
    await page.click("#results a.name:has-text('Network policy deleted')");
    await page.waitForURL("**/results/NET-06");
    assert.match(await page.textContent("main"), /fail: 4 items/);
    assert.equal(await page.locator("main table a[href*='/items/']").count(), truth.policy_deleted);
    assert.match(await page.textContent("main"), /798 records of 1 source were read to the end|counted/, "the page says by what the answer is complete");
    await clean(page);
  });

  it("has an overview with the numbers that the server itself counts", async () => {
    await page.goto(source);
    await page.click("main a:has-text('Log review overview')");
    await page.click("summary:has-text('Other days')");
    for (const field of ["from", "to"]) await page.fill(`[name=${field}]`, "2026-11-20");
    await page.click("button:has-text('Show these days')");
    await page.waitForURL("**/overview?*from=2026-11-20*");
    const code = (from, to) => ({ range: { "responseStatus.code": { gte: from, lt: to } } });
    const decision = (word) => ({ term: { "annotations.authorization.k8s.io/decision": word } });
    const asked = {
      "All API requests": [{ term: { stage: "ResponseComplete" } }], "Forbid error": [decision("forbid")], "Client error": [code(400, 500)], "Server error": [code(500, 600)],
      Allow: [decision("allow")], Forbid: [decision("forbid")],
    };
    const shown = await figures(page);
    for (const [label, filter] of Object.entries(asked)) assert.equal(shown[label], String(await store.count(...filter)), label);
    assert.notEqual(shown["All API requests"], "0");
    await clean(page);

    const user = "shared-ops";
    await page.click("#audit summary:has-text('User')");
    await page.click(`#audit .menu a:has-text('${user}')`);
    await page.waitForURL(`**/overview?*user=${user}*`);
    const mine = { term: { "user.username": user } };
    assert.match(await page.textContent("#audit"), new RegExp(`${await store.count(mine)} records of ${await store.count()} selected`));
    const narrowed = await figures(page);
    assert.equal(narrowed.Allow, String(await store.count(mine, decision("allow"))));
    assert.notEqual(narrowed.Allow, shown.Allow);
    assert.equal(narrowed["All API requests"], shown["All API requests"], "the panels above stay those of everybody");
    assert.deepEqual([...new Set(await page.$$eval("#newest tbody tr td:nth-child(3)", (cells) => cells.map((c) => c.firstChild.textContent.trim())))], [user]);
    await clean(page);
  });

  it("that lost an index leaves its checks inconclusive, with the reason, and those of other sources as they were", { timeout: 240_000 }, async () => {
    await nightly(page); // else it may come between, and be the newest reading
    await store.remove({ all: false });
    await runOver(page);
    const gone = new RegExp(`index ${store.today.replaceAll(".", "\\.")}, which held 798 documents .* is gone`);
    assert.match(await page.textContent("main"), /kubernetes could not be read whole/);
    assert.match(await page.textContent("main [role=alert]"), gone, "the reason stands above the results");
    const now = await outcomesOf(page);
    for (const check of Object.keys(now).filter((id) => /^(NET|PRV|CHG)-/.test(id))) {
      assert.equal(now[check].outcome, "inconclusive", check);
      assert.match(now[check].why, gone, check);
    }
    for (const check of ["ACC-09", "IDN-05", "IDN-06"]) assert.deepEqual(now[check], outcomes[check], `${check} reads the hosts alone`);
    assert.deepEqual(Object.keys(now).filter((id) => now[id].outcome === "pass"), [], "nothing that needs the store passes");
    await clean(page);
    await page.goto("/");
    assert.match(await page.textContent("main"), /The source kubernetes could not be read whole/);
    await clean(page);
    await page.goto(source);
    assert.match(await page.textContent("main"), /Its newest reading was not complete/);
    assert.match(await page.textContent("#problems"), gone);
    await clean(page);
    await page.goto(`${source}/overview?from=2026-11-20&to=2026-11-20`);
    const missed = async () => assert.match((await page.textContent("main [role=alert]")).trim(), new RegExp(`^The store is not whole: numbers say “at least”.*${gone.source}`));
    await missed();
    await clean(page);

    await runOver(page, "2026-11-19T10:00", "2026-11-19T10:30");
    await page.goto(source);
    assert.doesNotMatch(await page.textContent("main"), /Its newest reading was not complete/, "a day from which nothing is gone");
    await page.goto(`${source}/overview?from=2026-11-20&to=2026-11-20`);
    await missed();
    await page.goto(`${source}/overview?from=2026-11-19&to=2026-11-19`);
    assert.equal(await page.locator("main [role=alert]").count(), 0, "control: of this day nothing is gone");
  });

  it("showed nothing that no page may show", () => quiet(page));
});

/** outcomesOf reads the table of results of a run: {check: {outcome, items, why}}. */
async function outcomesOf(page) {
  const rows = await page.$$eval("#results tbody tr", (all) => all.map((row) => [row.querySelector("th .sub").textContent.trim(), ...[...row.querySelectorAll("td")].slice(1).map((c) => c.textContent.replace(/\s+/g, " ").trim())]));
  return Object.fromEntries(rows.map(([check, outcome, items, , why]) => [check, { outcome: outcome.replace(/ limited$/, ""), items: Number(items), why }]));
}

/** figures reads the figures of a page: {label: value}. */
async function figures(page) {
  return Object.fromEntries(await page.$$eval(".figure", (all) => all.map((f) => [f.querySelector("dt").firstChild.textContent.trim(), f.querySelector("dd").textContent.trim()])));
}

/** clean fails on what axe finds, and on a page wider than its window, in light, in dark and on a phone. */
async function clean(page) {
  const found = [];
  for (const [name, colorScheme, size] of [["dark", "dark", laptop], ["phone", "light", phone], ["light", "light", laptop]]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" }); // colours change at once
    await page.setViewportSize(size);
    for (const line of await violations(page)) found.push(`${name}: ${line}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 1) found.push(`${name}: the page is ${wide} px wider than the window`);
  }
  assert.deepEqual(found, [], page.url());
}
