/* What is nicer with JavaScript; every page works without it. Data attributes are the contract:

   data-list             a list: j and k move between its links marked data-row, x ticks the box of that row
   data-search           the field that / goes to (else the first text field of role=search)
   data-next             what n follows (else the first link rel=next)
   data-confirm="…?"     form: asks before it is sent; a button's own data-confirm goes before its form's
   data-keep             form: what is typed is not lost by leaving, one is asked first
   data-toasts/-toast    Django's messages: told by the live region, closable; plain successes go after a while
   data-poll="url"       its content is fetched again every 30 seconds
   data-chosen           how many rows of the form #sammelaktion are ticked
   data-all="number"     a box that stands for so many rows, more than its tbody shows
   body: data-shortcuts="an|aus", data-session-ends="seconds", data-session-url, data-person
   dialogs: #tastatur, #nachfrage, #sitzung, #abgemeldet; [data-close] closes

   Nothing is stored in the browser: what is typed stays in the page alone. */
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const body = document.body;

/* --- keyboard: single keys, never in fields, never with modifiers; off for who wants it so (WCAG 2.1.4) --- */
function move(step) {
  const rows = $$("[data-list] [data-row]").filter((row) => row.checkVisibility());
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.closest("tr, li")?.contains(document.activeElement));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function press(target) {
  if (!target) return false;
  target.click();
  return true;
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => press($("input[type=checkbox]", document.activeElement.closest("[data-list] tr, [data-list] li") ?? document.createElement("i"))),
  n: () => press($("[data-next]") ?? $("a[rel=next]")),
  "/": () => {
    const field = $("[data-search]") ?? $("[role=search] input:not([type=hidden]):not([type=checkbox])");
    field?.focus();
    field?.select?.();
    return Boolean(field);
  },
  "?": () => open($("#tastatur")),
};

const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("dialog[open]")) close($$("[data-toast]").pop());
  if (body.dataset.shortcuts !== "an" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (typing(event.target) || $("dialog[open]")) return;
  if (KEYS[event.key]?.()) event.preventDefault();
});

/* --- dialogs: the browser keeps the focus inside, Escape closes, the focus goes back --- */
function open(dialog) {
  if (!dialog || dialog.open) return false;
  dialog.showModal();
  return true;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
});

/* --- final steps are asked for once more; what was typed is not left by accident --- */
let leaving = false;

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  const question = button?.dataset.confirm ?? (button?.hasAttribute("formtarget") ? "" : form.dataset.confirm);
  const dialog = $("#nachfrage");
  if (question && dialog && !form.lmAsked) {
    event.preventDefault();
    $("#nachfrage-text").textContent = question;
    $("[data-confirmed] .kern-label", dialog).textContent = button?.textContent.trim() || "Ja";
    $("[data-confirmed]", dialog).onclick = () => {
      dialog.close();
      form.lmAsked = true;
      form.requestSubmit(button);
      form.lmAsked = false;
    };
    open(dialog);
    return;
  }
  leaving = !button?.hasAttribute("formtarget") && form.method !== "dialog";
});

document.addEventListener("input", (event) => event.target.closest("[data-keep]")?.setAttribute("data-typed", ""));
window.addEventListener("beforeunload", (event) => {
  if (!leaving && $("[data-keep][data-typed]")) event.preventDefault();
});
window.addEventListener("pageshow", () => { leaving = false; });

/* --- toasts --- */
const STAYS = 20000;

function close(toast) {
  toast?.remove();
}

function toasts() {
  const region = $("[data-toasts]");
  const found = region ? $$("[data-toast]", region) : [];
  found.forEach((toast) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "lm-close";
    button.innerHTML = '<span class="kern-icon kern-icon--close" aria-hidden="true"></span><span class="kern-sr-only">Meldung schließen</span>';
    button.addEventListener("click", () => close(toast));
    toast.append(button);
    const brief = toast.matches(".kern-alert--success") && !$("a, form", toast);
    if (brief) setTimeout(() => { if (!toast.matches(":hover, :focus-within")) close(toast); }, STAYS);
  });
  if (!found.length) return;
  region.classList.add("lm-messages--toasts");
  region.replaceChildren(); // put in anew, so that a screen reader tells it: what is there from the start, it does not
  setTimeout(() => region.append(...found), 50);
}

/* --- the session: announced five minutes before its end, extended or begun again in place --- */
const WARN = 300;
let ends = 0;
let timers = [];

function watch(seconds) {
  ends = Date.now() + seconds * 1000;
  timers.forEach(clearTimeout);
  timers = [[seconds - WARN, warn], [seconds, ended]].map(([after, then]) => setTimeout(then, Math.max(0, after) * 1000));
}

function warn() {
  if (Date.now() >= ends) return;
  $("[data-session-time]").textContent = new Date(ends).toLocaleTimeString("de-DE", { hour: "2-digit", minute: "2-digit" });
  open($("#sitzung"));
}

function ended() {
  if (Date.now() < ends - 500) return;
  $("#sitzung")?.close();
  ask().then((alive) => alive || open($("#abgemeldet"))); // another tab may have renewed it
}

async function ask(password) {
  const data = new URLSearchParams({ username: body.dataset.person, csrfmiddlewaretoken: $("[name=csrfmiddlewaretoken]").value });
  if (password) data.set("password", password);
  const say = (text) => $$("[data-session-said]").forEach((place) => { place.textContent = text; });
  say("");
  try {
    const answer = await fetch(body.dataset.sessionUrl, { method: "POST", body: data });
    if (answer.status === 429) say("Zu viele falsche Passwörter; bitte eine Viertelstunde warten.");
    else if (answer.headers.get("Content-Type") !== "application/json") say("Das hat nicht geklappt; bitte auf der Anmeldeseite anmelden.");
    else {
      const said = await answer.json();
      if (said.error) say(said.error);
      if (!answer.ok) return false;
      $$("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = said.csrf; });
      watch(said.seconds);
      return true;
    }
  } catch (error) {
    say("Der Server ist nicht zu erreichen; bitte die Verbindung prüfen und noch einmal versuchen.");
  }
  return false;
}

function session() {
  if (!body.dataset.sessionUrl || !$("#sitzung")) return;
  watch(Number(body.dataset.sessionEnds));
  $("[data-session-extend]").addEventListener("click", () => ask().then((alive) => alive && $("#sitzung").close()));
  const again = $("[data-session-login]");
  again.addEventListener("submit", (event) => {
    event.preventDefault();
    ask($("[name=password]", again)?.value).then((alive) => {
      if (!alive) return;
      again.reset();
      $("#abgemeldet").close();
    });
  });
  $("#abgemeldet").addEventListener("cancel", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() > ends) ended(); // timers stand still while a computer sleeps
  });
}

/* --- lists: all rows of a page chosen at once --- */
function chooseAll() {
  const boxes = $$('td input[type="checkbox"][form="sammelaktion"]');
  const groups = $$("[data-all]");
  const place = $("th.lm-check");
  const said = $("[data-chosen]");
  if (!boxes.length || !place || !said) return;
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "kern-form-check__checkbox";
  all.setAttribute("aria-label", "Alle auf dieser Seite auswählen");
  const label = document.createElement("label");
  label.className = "lm-tick";
  label.append(all);
  place.replaceChildren(label);
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    const alone = boxes.filter((box) => box.checked && !$("[data-all]:checked", box.closest("tbody"))).length;
    const number = groups.filter((box) => box.checked).reduce((sum, box) => sum + Number(box.dataset.all), alone);
    said.textContent = number ? ` (${number})` : "";
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    count();
  });
  [...boxes, ...groups].forEach((box) => box.addEventListener("change", count));
  count();
}

/* --- what changes by itself: who else has a Vorgang open --- */
function poll(place) {
  const fetchAgain = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(place.dataset.poll, { redirect: "error" });
      if (answer.ok) place.innerHTML = await answer.text();
    } catch (error) {
      /* the server is away, or one is logged out: what stands there stays, and the next round asks again */
    }
  };
  setInterval(fetchAgain, 30000);
}

toasts();
session();
chooseAll();
$$("[data-poll]").forEach(poll);
