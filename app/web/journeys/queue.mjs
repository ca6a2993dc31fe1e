// Working through the queue of a review as a person at the keyboard does.

/** observe notes in the page how long each decision takes from the key press to its confirmation. */
export function observe(page) {
  return page.addInitScript(() => {
    window.confirmed = [];
    let pressed = 0;
    addEventListener("keydown", (event) => { if (["Enter", "r"].includes(event.key)) pressed = performance.now(); }, true);
    new MutationObserver((changes) => {
      for (const { target, oldValue } of changes) {
        if (!target.dataset?.item || !/\bsaving\b/.test(oldValue ?? "") || target.classList.contains("saving")) continue;
        window.confirmed.push({ key: target.dataset.item, state: target.dataset.state, ms: performance.now() - pressed, trouble: target.querySelector(".trouble")?.textContent ?? "" });
      }
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ["class"], attributeOldValue: true });
  });
}

/** open goes to a queue or sample and waits until the script has taken over. */
export async function open(page, address) {
  await page.goto(address);
  await page.waitForSelector("#queue li[data-item][aria-current]");
  await shown(page);
}

/** lines gives the items as the list shows them. */
export function lines(page) {
  return page.$$eval("#queue li[data-item]", (all) => all.map((li) => ({
    key: li.dataset.item, state: li.dataset.state, violation: "violation" in li.dataset, current: li.hasAttribute("aria-current"),
    title: li.querySelector(".t").textContent, word: li.querySelector("[data-word]").textContent, trouble: li.querySelector(".trouble")?.textContent ?? "",
  })));
}

/** current gives the item that is being looked at. */
function current(page) {
  return page.$eval("#queue li[aria-current]", (li) => ({ key: li.dataset.item, state: li.dataset.state, violation: "violation" in li.dataset, title: li.querySelector(".t").textContent }));
}

/** shown waits until the item beside the list is the current one. */
export async function shown(page) {
  await page.waitForFunction(() => {
    const li = document.querySelector("#queue li[aria-current]");
    const item = document.getElementById("item");
    if (!li || !item || item.hasAttribute("aria-busy")) return false;
    const form = item.querySelector("form[action*='/items/'], form[action*='/sample/']");
    return !form || decodeURIComponent(form.getAttribute("action")).includes(li.dataset.item);
  });
}

/** goTo moves with j and k to the item with a key. */
export async function goTo(page, key) {
  for (let i = 0; i < 1000; i++) {
    const all = await lines(page);
    const at = all.findIndex((l) => l.current);
    const to = all.findIndex((l) => l.key === key);
    if (to < 0) throw new Error(`there is no item ${key}`);
    if (at === to) return shown(page);
    await page.keyboard.press(to > at ? "j" : "k");
  }
  throw new Error(`could not move to ${key}`);
}

/** day is a date some days from now, as a date field takes it. */
export const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** decide decides the current item with keys alone and waits for the server's answer. */
export async function decide(page, { key, reason }) {
  const before = await page.evaluate(() => window.confirmed.length);
  await page.keyboard.press(key);
  if (reason !== undefined) {
    const box = page.locator("#item .decide details[open] textarea[name=reason]");
    await box.waitFor();
    await page.keyboard.type(reason);
    const until = page.locator("#item .decide details[open] input[name=until]");
    if (await until.count() && !(await until.inputValue())) await until.fill(day(30));
    await box.focus();
    await page.keyboard.press("Enter");
  }
  await page.waitForFunction((n) => window.confirmed.length > n, before);
  return page.evaluate(() => window.confirmed.at(-1));
}

/** finish decides everything that is pending and gives what was confirmed. */
export async function finish(page) {
  const done = [];
  for (;;) {
    let next = await current(page);
    if (next.state !== "pending") { // a decision moves on to what is pending, if there is something
      next = (await lines(page)).find((l) => l.state === "pending");
      if (!next) return done;
      await goTo(page, next.key);
    }
    await shown(page);
    const answer = await decide(page, next.violation ? { key: "e", reason: `Known until the planned change is done: ${next.title}` } : { key: "a", reason: `Checked with its owner, planned work: ${next.title}` });
    if (answer.trouble) throw new Error(`${next.title}: ${answer.trouble}`);
    done.push(answer);
  }
}
