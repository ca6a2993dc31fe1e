// What every page has: the find dialog, the list of keys, jumps, and small
// kindnesses to forms. Every page works without this file.

const typing = "input, textarea, select, [contenteditable]";

// plain says whether a key press is a command: no modifier, nothing typed into,
// no dialog open.
function plain(event) {
  return !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing &&
    !(event.target instanceof Element && event.target.closest(typing)) && !document.querySelector("dialog[open]");
}

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return false;
  dialog.showModal();
  dialog.querySelector("input")?.select();
  return true;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0 && openDialog(opener.dataset.open)) event.preventDefault();
  // A click beside a dialog closes it.
  if (event.target instanceof HTMLDialogElement) event.target.close();
  // A click elsewhere closes a filter's menu.
  for (const menu of document.querySelectorAll("details.filter[open]")) if (!menu.contains(event.target)) menu.open = false;
});

let jump = 0; // when "g" was pressed
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = event.target instanceof Element && event.target.closest("details.filter[open], details.confirm[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  if (!plain(event)) return;
  if (Date.now() - jump < 1500) {
    jump = 0;
    const place = /^[a-z]$/.test(event.key) && document.querySelector(`[data-go="${event.key}"]`);
    // Even a letter that leads nowhere is used up: it must not decide anything.
    event.preventDefault();
    event.stopImmediatePropagation();
    if (place) location.assign(place.href);
    return;
  }
  if (event.key === "g") jump = Date.now();
  else if (event.key === "/" && openDialog("find")) event.preventDefault();
  else if (event.key === "?" && openDialog("keys")) event.preventDefault();
}, true);

// A form is sent once. Its button says so by state, not by a changed word, and
// wakes again when the page is shown from the back/forward cache. A form whose
// answer is a download says data-again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.hasAttribute("data-again")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
});

// What went wrong is read first.
document.querySelector(".errors")?.focus();

// In a bar that scrolls, what is current is in sight.
for (const bar of document.querySelectorAll(".side, .steps, .tabs")) {
  const current = bar.querySelector("[aria-current]");
  if (!current || bar.scrollWidth <= bar.clientWidth) continue;
  const place = current.getBoundingClientRect();
  if (place.right > innerWidth - 24) bar.scrollLeft += place.left - (bar.clientWidth - place.width) / 2;
}
