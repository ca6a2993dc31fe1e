// The approver signs the review that waits; an auditor verifies its package
// with standard tools, with the program, and on a page.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { launch, quiet, signIn } from "./browser.mjs";
import { binary, demo, folder, run } from "./program.mjs";

describe("evidence, from the signature to the auditor", () => {
  let program, browser, lena, review, zip;
  before(async () => {
    program = await demo();
    browser = await launch();
    lena = await signIn(browser, program, program.account("approver"));
  });
  after(async () => {
    await browser?.close();
    await program?.stop();
  });

  it("the approver judges a few decisions again, then signs", async () => {
    await lena.goto("/reviews?state=all");
    const ids = await lena.$$eval("main a[href^='/reviews/']", (all) => [...new Set(all.map((a) => new URL(a.href).pathname.split("/")[2]))]);
    for (const id of ids) {
      await lena.goto(`/reviews/${id}/sign-off`);
      if (await lena.locator("form[action$='/approve'], form[action$='/reperform']").count()) {
        review = id;
        break;
      }
    }
    assert.ok(review, "the demo has a review that waits for its approver");
    for (let i = 0; i < 10; i++) {
      const again = lena.locator("form[action$='/reperform']:has([value=agree]) button").first();
      if (!await again.count()) break;
      await again.click();
      await lena.waitForLoadState();
    }
    const form = lena.locator("form[action$='/approve']");
    const step = form.locator("details").last();
    if (await step.count() && !await step.evaluate((d) => d.open)) await step.locator("> summary").click();
    await form.locator("[name=password]").fill(program.account("approver").password);
    await form.locator("button:not([type=button])").last().click();
    await lena.waitForLoadState();
    await lena.goto(`/reviews/${review}/sign-off`);
    assert.match(await lena.textContent("main"), /sealed/i);
  });

  it("the package downloads", async () => {
    const auditor = await signIn(browser, program, program.account("auditor"));
    await auditor.goto(`/evidence/${review}`);
    const [download] = await Promise.all([
      auditor.waitForEvent("download"),
      auditor.locator("main a[href$='.zip'], main form[action*='package'] button, main a[download], main a:has-text('package')").first().click(),
    ]);
    zip = path.join(folder("download"), download.suggestedFilename());
    assert.match(path.basename(zip), /^EV-.*\.zip$/);
    await download.saveAs(zip);
    quiet(auditor);
    await auditor.context().close();
  });

  it("sha256sum and ssh-keygen find it whole and signed", () => {
    const dir = path.join(path.dirname(zip), "unpacked");
    mkdirSync(dir);
    assert.equal(run("unzip", ["-q", zip, "-d", dir]).code, 0);
    const sums = run("sha256sum", ["--strict", "-c", "SHA256SUMS"], { cwd: dir });
    assert.equal(sums.code, 0, sums.stdout + sums.stderr);
    assert.ok(sums.stdout.trim().split("\n").length > 10);
    const verify = (text) => run("ssh-keygen", ["-Y", "verify", "-f", "allowed_signers", "-I", "logreeve", "-n", "evidence@logreeve", "-s", "SHA256SUMS.sig"], { cwd: dir, input: text });
    const text = readFileSync(path.join(dir, "SHA256SUMS"));
    const signed = verify(text);
    assert.equal(signed.code, 0, signed.stderr);
    assert.match(signed.stdout, /Good "evidence@logreeve" signature/);
    text[0] ^= 1;
    assert.notEqual(verify(text).code, 0, "a changed list is refused (control)");
  });

  it("logreeve verify says valid, and names what was altered", () => {
    const good = run(binary, ["verify", "--json", zip]);
    assert.equal(good.code, 0, good.stdout);
    const verdict = JSON.parse(good.stdout);
    assert.deepEqual([verdict.valid, verdict.review, verdict.problems], [true, review, []]);
    const bytes = readFileSync(zip);
    const file = bytes.indexOf("data/decisions.jsonl{"); // the name, and the first decision right behind it
    bytes[bytes.indexOf("\"reason\":\"", file) + 12] ^= 1;
    const altered = path.join(path.dirname(zip), "altered.zip");
    writeFileSync(altered, bytes);
    const bad = run(binary, ["verify", "--json", altered]);
    assert.equal(bad.code, 1);
    assert.ok(JSON.parse(bad.stdout).problems.some((p) => p.path === "data/decisions.jsonl" && p.record), bad.stdout);
  });

  it("the Verify page says the same", async () => {
    const altered = path.join(path.dirname(zip), "altered.zip");
    for (const [file, words] of [[zip, /\b(valid|nothing was altered|whole)\b/i], [altered, /altered|differs|changed/i]]) {
      await lena.goto("/verify");
      await lena.setInputFiles("main input[type=file]", file);
      await lena.locator("main form:has(input[type=file]) button").first().click();
      await lena.waitForLoadState();
      assert.match(await lena.textContent("main"), words);
    }
  });

  it("the closed review of the demo has its package in the data folder", () => {
    const made = run("find", [path.join(program.dir, "evidence"), "-name", "EV-*.zip"]).stdout.trim().split("\n").filter(Boolean);
    assert.ok(made.length >= 2, made.join());
    for (const file of made) assert.equal(run(binary, ["verify", file]).code, 0, file);
  });

  it("showed nothing that no page may show", () => quiet(lena));
});
