// The queue of a review at the keyboard. A decision appears at once; if the
// server refuses it, the item says so and stays. Reason boxes start empty for
// every item on purpose, and nothing is kept in the browser.
//
// It posts the fields of a decision's form as JSON to its address, with the
// version of the item as it was seen, and is answered with {state, word,
// version, decided, total}, or {error, field} when it is refused. Several at once
// are {keys, versions, decision, reason, until}, answered with {versions,
// decided, total}. The sample is a queue too: data-base says where its entries
// lie, data-verb what one does with them.

const queue = document.getElementById("queue");
if (queue) start(queue);

function start(queue) {
  const review = encodeURIComponent(queue.dataset.review);
  const said = document.getElementById("queue-said");
  const bulk = document.getElementById("bulk");
  const progress = document.getElementById("queue-progress");
  const progressText = document.getElementById("queue-progress-text");
  const left = document.getElementById("queue-left");
  const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";
  const base = queue.dataset.base || "items";
  const verb = queue.dataset.verb || "decided";
  const words = { read: "Read", explained: "Explained", expected: "Expected", finding: "Finding", escalated: "Escalated", own: "for another person", pending: "" };
  const narrow = matchMedia("(max-width: 900px)");
  const fragments = new Map(); // item key → promise of its HTML
  let shown = 0; // counts selections, so that a late answer is not drawn

  const items = () => [...queue.querySelectorAll("li[data-item]")];
  const current = () => queue.querySelector("li[aria-current]");
  const panel = () => document.getElementById("item");
  const path = (key) => `/reviews/${review}/${base}/${encodeURIComponent(key)}`;
  const byKey = (key) => items().find((li) => li.dataset.item === key);
  const title = (li) => li.querySelector(".t").textContent;
  const say = (text) => { said.textContent = ""; said.textContent = text; };

  // nextPending looks down from an item, then from the top.
  function nextPending(li) {
    const all = items();
    const from = all.indexOf(li) + 1;
    return [...all.slice(from), ...all.slice(0, from)].find((other) => other.dataset.state === "pending" && other !== li);
  }

  // fetchItem gets the HTML of an item, from what was read in advance if it was.
  function fetchItem(key) {
    if (!fragments.has(key)) {
      const answer = fetch(`${path(key)}?fragment=1`, { headers: { Accept: "text/html" }, credentials: "same-origin" }).then((response) => {
        if (response.redirected || response.status === 401) throw new SignedOut();
        if (!response.ok) throw new Error(`The item could not be read (${response.status}).`);
        return response.text();
      });
      answer.catch(() => fragments.delete(key));
      fragments.set(key, answer);
    }
    return fragments.get(key);
  }

  function draw(html) {
    const section = panel();
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const whole = holder.content.querySelector("#item");
    if (whole) section.replaceWith(whole);
    else section.replaceChildren(holder.content);
    arm();
  }

  // arm shows the controls that only work with script.
  function arm() {
    for (const button of panel().querySelectorAll("[data-cancel]")) button.hidden = false;
  }

  async function select(li, { focus = true, after } = {}) {
    if (!li) return;
    const turn = ++shown;
    current()?.removeAttribute("aria-current");
    li.setAttribute("aria-current", "true");
    const link = li.querySelector("a");
    li.scrollIntoView({ block: "nearest" });
    if (focus) link.focus({ preventScroll: true });
    panel().setAttribute("aria-busy", "true");
    try {
      const html = await fetchItem(li.dataset.item);
      if (turn !== shown) return;
      draw(html);
      // What was read is newer than the list: a decision is about what one sees.
      const version = panel().querySelector(".decide")?.dataset.version;
      if (version) li.dataset.version = version;
      history.replaceState(null, "", link.href);
      panel().querySelector(".in")?.scrollTo(0, 0);
      after?.();
      const next = nextPending(li);
      if (next) setTimeout(() => fetchItem(next.dataset.item).catch(() => {}), 80); // after a decision on its way was confirmed
    } catch (err) {
      if (turn !== shown) return;
      if (err instanceof SignedOut) location.assign(link.href);
      else trouble(li, err.message);
    } finally {
      panel()?.removeAttribute("aria-busy");
    }
  }

  function move(step) {
    const all = items();
    const at = all.indexOf(current());
    select(all[Math.min(Math.max(at + step, 0), all.length - 1)]);
  }

  // mark shows a state on a line of the queue and gives back what it showed.
  function mark(li, state, word) {
    const before = { state: li.dataset.state, word: li.querySelector("[data-word]").textContent };
    li.dataset.state = state;
    li.querySelector("[data-word]").textContent = word ? ` · ${word}` : "";
    const icon = document.getElementById("queue-icons").content.querySelector(`[data-state="${state}"]`);
    li.querySelector(".st").replaceChildren(...(icon ? [icon.firstElementChild.cloneNode(true)] : []));
    li.querySelector(".trouble")?.remove();
    const pick = li.querySelector(".pick input");
    if (pick) pick.disabled = state !== "pending";
    return before;
  }
  const restore = (li, before) => mark(li, before.state, before.word.replace(/^ · /, ""));

  function trouble(li, message) {
    li.querySelector(".trouble")?.remove();
    const note = document.createElement("span");
    note.className = "trouble";
    note.textContent = message;
    li.querySelector("a .grow").append(note);
    say(`${title(li)}: ${message}`);
  }

  function count(decided, total) {
    if (progress) {
      progress.max = total;
      progress.value = decided;
    }
    if (progressText) progressText.textContent = `${decided.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")} ${verb}`;
    const place = document.querySelector('.steps [aria-current="step"] .cnt');
    if (place) place.textContent = `${decided.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")}`;
    if (left) left.textContent = total > decided ? `${(total - decided).toLocaleString("en-GB")} left` : `all ${verb}`;
  }
  const step = (by) => progress && count(progress.value + by, progress.max);

  async function post(address, body) {
    let response;
    try {
      response = await fetch(address, {
        method: "POST", credentials: "same-origin", body: JSON.stringify(body),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
      });
    } catch {
      throw new Refused("Not saved: the server could not be reached. Try again.");
    }
    if (response.redirected || response.status === 401) throw new Refused("Not saved: you are signed out. Sign in in another tab, then try again.", 401);
    let answer = {};
    try { answer = await response.json(); } catch { /* said below */ }
    if (!response.ok) throw new Refused(answer.error || `Not saved: the server refused it (${response.status}).`, response.status);
    return answer;
  }

  // decide shows the decision, moves on, and then asks the server.
  async function decide(li, form) {
    const data = Object.fromEntries(new FormData(form));
    const key = li.dataset.item;
    const { csrf: _token, ...body } = data;
    body.version = Number(li.dataset.version);
    if (form.elements.reason && !data.reason.trim()) {
      form.elements.reason.focus();
      return;
    }
    const wasPending = li.dataset.state === "pending";
    const before = mark(li, body.decision, words[body.decision]);
    li.classList.add("saving");
    if (wasPending) step(1);
    fragments.delete(key);
    const next = nextPending(li);
    const answering = post(`${path(key)}/decision`, body); // on its way before anything is drawn
    if (next) select(next);
    try {
      const answer = await answering;
      saved(li, answer);
      say(`Saved: ${title(li)}, ${words[answer.state] ?? answer.state}. ${next ? `Next: ${title(next)}` : "Nothing is left in the queue."}`);
      if (!next) select(li, { focus: true });
    } catch (err) {
      restore(li, before);
      if (wasPending) step(-1);
      trouble(li, err.message);
      fragments.delete(key);
      // Back to the item, with what was written for it and why it was refused.
      await select(li, { after: () => {
        const again = panel().querySelector(`details[data-decision="${body.decision}"]`);
        if (!again) return;
        again.open = true;
        const box = again.querySelector("form");
        for (const name of Object.keys(data)) if (!["csrf", "version", "decision"].includes(name) && box.elements[name]) box.elements[name].value = data[name];
        const why = box.querySelector("[data-trouble]");
        why.textContent = err.message;
        why.hidden = false;
        box.elements.reason.focus();
      } });
      trouble(li, err.message);
    } finally {
      li.classList.remove("saving");
    }
  }

  function saved(li, answer) {
    if (answer.version !== undefined) li.dataset.version = answer.version;
    mark(li, answer.state ?? li.dataset.state, answer.word ?? words[answer.state] ?? "");
    fragments.delete(li.dataset.item);
    if (answer.total !== undefined) count(answer.decided, answer.total);
  }

  async function undo(li) {
    if (["pending", "own"].includes(li.dataset.state)) {
      say("There is nothing to undo here.");
      return;
    }
    li.classList.add("saving");
    try {
      saved(li, { state: "pending", ...await post(`${path(li.dataset.item)}/undo`, { version: Number(li.dataset.version) }) });
      say(`Undone: ${title(li)} is to be decided again.`);
    } catch (err) {
      trouble(li, err.message);
    } finally {
      li.classList.remove("saving");
      fragments.delete(li.dataset.item);
      if (current() === li) select(li);
    }
  }

  // open opens the reason box of a decision and puts the cursor into it.
  function open(key, field = "reason") {
    const box = panel().querySelector(`.decide details[data-key="${key}"]`);
    // What has one button and no reason is done at once.
    const plain = panel().querySelector(`.decide form.plain[data-key="${key}"]`);
    if (plain) {
      plain.requestSubmit();
      return;
    }
    if (!box) {
      const locked = panel().querySelector(".decide > p");
      say(locked ? locked.textContent.trim() : "This decision is not possible here.");
      return;
    }
    for (const other of panel().querySelectorAll(".decide details[data-decision][open]")) if (other !== box) other.open = false;
    box.open = true;
    const input = box.querySelector(`[name="${field}"]`);
    input.focus();
    box.scrollIntoView({ block: "nearest" });
  }

  function note() {
    const box = panel().querySelector(".decide details[data-decision][open]") ?? panel().querySelector(".decide details:has(> .primary)") ?? panel().querySelector(".decide details");
    if (box) open(box.dataset.key, "note");
  }

  function close(box) {
    box.open = false;
    box.querySelector("form").reset();
    current()?.querySelector("a").focus({ preventScroll: true });
  }

  // Several at once
  const picked = () => items().filter((li) => li.querySelector(".pick input:checked"));
  if (bulk) {
    for (const li of items()) {
      const pick = document.createElement("span");
      pick.className = "pick";
      pick.innerHTML = '<label><input type="checkbox"><span class="hush"></span></label>';
      pick.querySelector("span").textContent = `Select ${title(li)}`;
      pick.querySelector("input").disabled = li.dataset.state !== "pending";
      li.prepend(pick);
    }
    queue.addEventListener("change", showBulk);
    bulk.addEventListener("click", (event) => {
      if (event.target.closest("[data-bulk-clear]")) clearBulk();
    });
    bulk.addEventListener("submit", (event) => {
      event.preventDefault();
      decideAll(event.submitter?.value ?? "explained");
    });
  }
  function showBulk() {
    const chosen = picked();
    bulk.hidden = chosen.length === 0;
    document.getElementById("bulk-count").textContent = `${chosen.length} selected`;
    const violation = chosen.some((li) => li.hasAttribute("data-violation"));
    const explained = bulk.querySelector('[value="explained"]');
    explained.disabled = violation;
    explained.title = violation ? "One of them breaks a rule of its check: it needs an exception or a finding" : "";
  }
  function clearBulk() {
    for (const li of picked()) li.querySelector(".pick input").checked = false;
    bulk.reset();
    showBulk();
  }
  async function decideAll(decision) {
    const chosen = picked();
    const { reason, until } = Object.fromEntries(new FormData(bulk));
    if (!chosen.length || !reason.trim()) return;
    if (decision === "expected" && !until) {
      bulk.elements.until.focus();
      say("An exception needs its last day.");
      return;
    }
    const keys = chosen.map((li) => li.dataset.item);
    const versions = Object.fromEntries(chosen.map((li) => [li.dataset.item, Number(li.dataset.version)]));
    const before = chosen.map((li) => mark(li, decision, words[decision]));
    for (const li of chosen) li.classList.add("saving");
    step(chosen.length);
    try {
      const body = { keys, versions, decision, reason: reason.trim() };
      if (until) body.until = until;
      const answer = await post(`/reviews/${review}/decisions`, body);
      for (const li of chosen) {
        saved(li, { state: decision, version: answer.versions?.[li.dataset.item] ?? answer.version });
      }
      if (answer.total !== undefined) count(answer.decided, answer.total);
      clearBulk();
      say(`Saved: ${keys.length} items, ${words[decision]}.`);
      select(nextPending(chosen.at(-1)) ?? chosen.at(-1));
    } catch (err) {
      chosen.forEach((li, i) => { restore(li, before[i]); trouble(li, err.message); });
      step(-chosen.length);
      say(`Nothing was saved. ${err.message}`);
    } finally {
      for (const li of chosen) li.classList.remove("saving");
    }
  }

  // What else the actor did is read from the logs only when somebody asks.
  document.addEventListener("toggle", async (event) => {
    const box = event.target;
    if (!(box instanceof HTMLDetailsElement) || !box.open || !box.dataset.load || box.dataset.loaded) return;
    box.dataset.loaded = "yes";
    const place = box.querySelector("[data-place]");
    place.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(box.dataset.load, { headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (response.redirected || !response.ok) throw new Error();
      place.innerHTML = await response.text();
    } catch {
      delete box.dataset.loaded;
      place.textContent = "The logs could not be read now. Close this and open it again to try once more.";
    } finally {
      place.removeAttribute("aria-busy");
    }
  }, true);

  // Hands
  queue.addEventListener("click", (event) => {
    const link = event.target.closest("li[data-item] > a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    select(link.parentElement, { after: () => narrow.matches && panel().scrollIntoView({ block: "start" }) });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const li = current();
    if (!li || !panel().contains(form)) return;
    if (form.hasAttribute("data-reload")) return;
    if (form.matches(".why")) {
      event.preventDefault();
      decide(li, form);
    } else if (form.matches("[data-undo]")) {
      event.preventDefault();
      undo(li);
    }
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-cancel]")) close(event.target.closest("details[data-decision]"));
  });
  // The reason is focused also when its box is opened by pointer.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".decide details[data-decision]") && event.target.open && !event.target.contains(document.activeElement?.closest("form"))) event.target.querySelector('[name="reason"]').focus();
  }, true);
  document.addEventListener("keydown", (event) => {
    const box = event.target instanceof Element && event.target.closest(".decide details[data-decision]");
    if (box && event.key === "Escape" && box.open) {
      event.preventDefault();
      close(box);
    } else if (box && event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches("textarea")) {
      event.preventDefault();
      box.querySelector("form").requestSubmit();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat && !"jk".includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.('input:not([type="checkbox"]), textarea, select, [contenteditable]') || document.querySelector("dialog[open]")) return;
    const li = current();
    if (!li) return;
    const acts = {
      j: () => move(1), k: () => move(-1), n: note, u: () => undo(li),
      a: () => open(base === "sample" ? "r" : "a"), r: () => open("r"), e: () => open("e"), f: () => open("f"), i: () => open("i"),
      o: () => { const raw = panel().querySelector("details[data-raw]"); if (raw) { raw.open = !raw.open; raw.scrollIntoView({ block: "nearest" }); } },
      x: () => { const pick = li.querySelector(".pick input"); if (pick && !pick.disabled) { pick.checked = !pick.checked; showBulk(); } },
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  arm();
  const first = current();
  if (first) {
    const next = nextPending(first);
    if (next) fetchItem(next.dataset.item).catch(() => {});
  } else {
    select(nextPending(null) ?? items()[0], { focus: false });
  }
}

class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}
class SignedOut extends Error {}
