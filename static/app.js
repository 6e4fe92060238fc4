/* What is nicer with JavaScript; every page works without it.
   Here: all rows of a list chosen at once, and who else has a Vorgang open. */
"use strict";

function chooseAll() {
  const boxes = [...document.querySelectorAll('input[type="checkbox"][form="sammelaktion"]')];
  const place = document.querySelector("th.lm-check");
  const said = document.querySelector("[data-chosen]");
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
    said.textContent = chosen ? ` (${chosen})` : "";
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    count();
  });
  boxes.forEach((box) => box.addEventListener("change", count));
  count();
}

function poll(place) {
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(place.dataset.poll, { redirect: "error" });
      if (answer.ok) place.innerHTML = await answer.text();
    } catch (error) {
      /* the server is away, or one is logged out: what stands there stays, and the next round asks again */
    }
  };
  setInterval(ask, 30000);
}

chooseAll();
document.querySelectorAll("[data-poll]").forEach(poll);
