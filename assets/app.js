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
    time.textContent = at.toLocaleString([], { ...date, hour: "2-digit", minute: "2-digit" });
  }
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
document.addEventListener("htmx:after:swap", () => { refreshTimes(); markCurrent(); });
document.addEventListener("visibilitychange", refreshTimes);
document.addEventListener("click", closeAccount);
document.addEventListener("keydown", closeAccount);
setInterval(refreshTimes, minute * 1000);
refreshTimes();
