// Follows a run or a job that is under way. The element
//   <div id="run" data-progress="/runs/ID/progress">
// holds <progress id="run-progress"> and #run-progress-text; the address answers
// {done, of, text, state, href}. When state is no longer "running" or "queued"
// the page goes to href, or is read again. Without script the page says when to
// reload.

const run = document.getElementById("run");
if (run?.dataset.progress) follow(run);

async function follow(run) {
  const bar = document.getElementById("run-progress");
  const text = document.getElementById("run-progress-text");
  let pause = 1000;
  for (;;) {
    await new Promise((wake) => setTimeout(wake, pause));
    if (document.hidden) continue;
    try {
      const response = await fetch(run.dataset.progress, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (response.redirected || response.status === 401) return location.reload();
      if (!response.ok) throw new Error(String(response.status));
      const now = await response.json();
      if (bar) {
        if (now.of > 0) {
          bar.max = now.of;
          bar.value = now.done;
        } else {
          bar.removeAttribute("value");
        }
      }
      if (text && now.text && text.textContent !== now.text) text.textContent = now.text;
      if (now.state && !["running", "queued"].includes(now.state)) return now.href ? location.assign(now.href) : location.reload();
      pause = Math.min(pause * 1.2, 5000);
    } catch {
      if (text) text.textContent = "How far it is could not be read; trying again.";
      pause = Math.min(pause * 2, 30000);
    }
  }
}
