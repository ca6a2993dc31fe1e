// A search store: a real server on this machine, and in it indices of a journey's
// own, which are removed when it ends; indices of others are left alone. And what
// people do on the pages to read it.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { binary, folder, recording, root, run } from "./program.mjs";

const servers = path.join(root, ".ci", "searchserver");
const version = "2.19.3";

/** searchServer starts OpenSearch, or finds it running; stop ends it only if it was started here. */
export async function searchServer() {
  const name = `opensearch-${version}`;
  const ran = new RegExp(`^${name}\\s+running`, "m").test(execFileSync(servers, ["status"], { encoding: "utf8" }));
  const child = spawn(servers, ["start", name], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "", trouble = "";
  child.stdout.on("data", (text) => { said += text; });
  child.stderr.on("data", (text) => { trouble += text; });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${name} did not start:\n${trouble}`);
  const { url } = JSON.parse(said);
  return { url, version, stop: () => ran || execFileSync(servers, ["stop", name], { stdio: "ignore" }) };
}

/**
 * fill writes the recorded audit log into an index, named by its day as pipelines
 * do, and a few records into one of the day before, so that the store reaches
 * back further than the recording: {url, pattern, today, count(filters), remove()}.
 */
export function fill(server) {
  const prefix = `journey-${randomBytes(4).toString("hex")}-kubeaudit`;
  const [before, today] = ["2026.11.19", "2026.11.20"].map((day) => `${prefix}-${day}`);
  const log = recording("real-cluster", "audit.ndjson");
  const earlier = log.split("\n").slice(0, 40).map((line) => line.replaceAll("2026-11-20T", "2026-11-19T").replace(/"auditID":"./, '"auditID":"x')).join("\n");
  const store = {
    url: server.url, today, pattern: `${prefix}-*`,
    async ask(where, body, method = "POST") { // the server itself, past the program under test
      const answer = await fetch(`${server.url}/${where}`, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
      if (!answer.ok && !(method === "DELETE" && answer.status === 404)) throw new Error(`${method} ${where}: ${await answer.text()}`);
      return answer.json();
    },
    /** count is how many documents of the day pass all filters. */
    async count(...filter) {
      return (await store.ask(`${today}/_count`, { query: { bool: { filter } } })).count;
    },
    /** remove deletes the newest index, or all of the journey's. */
    async remove({ all = true } = {}) {
      for (const index of all ? [before, today] : [today]) await store.ask(index, undefined, "DELETE");
    },
  };
  for (const [index, records] of [[before, earlier], [today, log]]) {
    const file = path.join(folder("records"), "audit.ndjson");
    writeFileSync(file, records);
    const { code, stdout, stderr } = run(binary, ["import", "--source", file, "--to", `opensearch:${server.url}/${index}`]);
    if (code !== 0) throw new Error(`the store was not filled: ${stdout}${stderr}`);
  }
  return store;
}

/** bring gives a new installation people, registers, and the auth log of a host beside the store. */
export async function bring(page, program) {
  for (const [part, file] of [["people", "people.csv"], ["registers", "registers.yaml"]]) {
    await page.goto("/people/import");
    await page.setInputFiles(`#file-${part}`, { name: file, mimeType: "text/plain", buffer: Buffer.from(recording(file)) });
    await page.click(`form:has(#file-${part}) button`);
    await page.waitForURL("**/people/history/**");
  }
  const log = path.join(program.dir, "auth.log");
  writeFileSync(log, recording("real-host", "auth.log"));
  await page.goto("/sources/new");
  for (const [name, value] of Object.entries({ name: "worker-1", target: log, year: "2026" })) await page.fill(`[name=${name}]`, value);
  await save(page);
}

/** save saves the source whose form is open and gives its address. */
export async function save(page) {
  await page.click("main form button:has-text('Save')");
  await page.waitForURL("**/sources/*?look=now");
  return new URL(page.url()).pathname;
}

/** lookAt fills in the form of a new source in OpenSearch and looks at it. */
export async function lookAt(page, { url, pattern }) {
  await page.goto("/sources/new");
  await page.click("main a:has-text('OpenSearch')");
  for (const [name, value] of Object.entries({ name: "kubernetes", url, pattern })) await page.fill(`[name=${name}]`, value);
  await page.check("[name=profile][value='']");
  await page.check("[name=sign_in][value='']");
  await Promise.all([page.waitForURL("**/sources/probe*"), page.click("main form button:has-text('Look at it')")]);
  await page.waitForLoadState();
}

/** nightly waits for the end of the run that the program starts by itself, within a minute of its first source. */
export async function nightly(page) {
  for (const end = Date.now() + 90_000; Date.now() < end; await page.waitForTimeout(1000)) {
    await page.goto("/runs");
    if (await page.locator("#runs tbody tr:has-text('Nightly'):has-text('done')").count()) return;
  }
  throw new Error("there was no nightly run");
}

/** runOver starts a run over a window, mostly the half hour of the recordings, and waits for its end, as the page shows it. */
export async function runOver(page, from = "2026-11-20T10:00", to = "2026-11-20T10:30") {
  await page.goto("/runs/new");
  await page.check("[name=window][value=between]");
  await page.fill("[name=from]", from); // Oslo, an hour before UTC
  await page.fill("[name=to]", to);
  await page.click("button:has-text('Start the run')");
  await page.waitForURL("**/runs/r_*");
  await page.waitForSelector("#results", { timeout: 60_000 });
}
