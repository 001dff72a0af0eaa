// What the page gains from a script besides htmx. Nothing here holds state,
// and without it everything still works.
"use strict";

const minute = 60, hour = 60 * minute, day = 24 * hour;

// The same words as web/time.rs, kept true while a page stays open.
function ageWords(seconds) {
  if (seconds < minute) return "just now";
  if (seconds < hour) return `${Math.floor(seconds / minute)} min`;
  if (seconds < day) return `${Math.floor(seconds / hour)} h`;
  const days = Math.floor(seconds / day);
  if (days < 14) return days === 1 ? "1 day" : `${days} days`;
  return null; // a date, which does not age
}

function refreshTimes() {
  for (const time of document.querySelectorAll("time.age")) {
    const words = ageWords((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (!words) continue;
    time.textContent = time.classList.contains("ago") && words !== "just now" ? `${words} ago` : words;
  }
  for (const time of document.querySelectorAll("time.clock")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    const date = today ? undefined : { day: "numeric", month: "short" };
    const second = time.classList.contains("second") ? { second: "2-digit" } : undefined;
    time.textContent = at.toLocaleString([], { ...date, hour: "2-digit", minute: "2-digit", ...second });
  }
}

// How long the last decision can still be taken back. The server said how much
// was left, so a wrong clock here does no harm, and it has the last word.
function countDown() {
  const button = document.getElementById("undo");
  if (!button?.dataset.left) return;
  const end = Date.now() + Number(button.dataset.left);
  delete button.dataset.left;
  const tick = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds > 0 && button.isConnected) {
      button.querySelector(".figure").textContent = `${seconds} s`;
      return;
    }
    clearInterval(timer);
    if (!button.isConnected) return;
    // Within the status: said once, not every second.
    document.getElementById("hears").textContent = "The app is told now.";
    if (button === document.activeElement) document.getElementById("notice").focus();
    button.hidden = true;
  };
  const timer = setInterval(tick, 250);
  tick();
}

function offerCopy() {
  for (const button of document.querySelectorAll("button[data-copies]")) button.hidden = !navigator.clipboard;
}

async function copy(event) {
  const button = event.target.closest?.("button[data-copies]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
  button.textContent = "Copied";
}

function markCurrent() {
  for (const link of document.querySelectorAll(".others h2 a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
  }
}

// No answer, or none to show: say so where the thumb is. What was typed stays.
function sayNotSaved() {
  const notice = document.getElementById("notice");
  if (notice) notice.textContent = "That did not get through. Check your connection and try again.";
}

function closeAccount(event) {
  const menu = document.querySelector(".account[open]");
  if (menu && (event.key === "Escape" || (event.type === "click" && !menu.contains(event.target)))) menu.open = false;
}

document.addEventListener("htmx:error", sayNotSaved);
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status >= 500) sayNotSaved();
});
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  // A form on a page of its own led back to the task: the address says so too.
  if (ctx?.request?.method === "POST" && ctx.response?.raw.redirected) history.replaceState(null, "", ctx.response.raw.url);
  refreshTimes(); markCurrent(); countDown();
});
document.addEventListener("visibilitychange", refreshTimes);
document.addEventListener("click", closeAccount);
document.addEventListener("click", copy);
document.addEventListener("keydown", closeAccount);
setInterval(refreshTimes, minute * 1000);
refreshTimes();
countDown();
offerCopy();
