
"use strict";
// Adds to a page that is complete without it: columns that sort, and negotiations that step.

function sortable(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, i) => row.cells[i].dataset.v ?? row.cells[i].textContent.trim();
  heads.forEach((head, i) => {
    if (head.classList.contains("still")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const number = head.classList.contains("n");
      const down = head.ariaSort ? head.ariaSort === "ascending" : number && i > 0;
      heads.forEach((other) => { other.ariaSort = null; });
      head.ariaSort = down ? "descending" : "ascending";
      const rows = [...body.rows].sort((a, b) => {
        const x = value(a, i), y = value(b, i);
        if (number && (x === "" || y === "")) return (x === "") - (y === "");
        const order = number ? x - y : x.localeCompare(y, "en", { numeric: true });
        return down ? -order : order;
      });
      body.append(...rows);
    });
  });
}

function scale(text) {
  const [low, high, start, end] = text.split(" ").map(Number);
  return (value) => start + ((value - low) / (high - low)) * (end - start);
}

function replay(box) {
  const panel = box.querySelector(".step");
  const slider = panel.querySelector("input");
  const [back, forth] = panel.querySelectorAll("button");
  const rows = [...box.querySelectorAll(".moves tbody tr")];
  const space = box.querySelector(".now")?.closest("svg");
  const course = box.querySelector(".veil").closest("svg");
  const numbers = (row) => [...row.cells].slice(4).map((cell) => cell.textContent.replace("−", "-"));

  const trails = [...(space?.querySelectorAll(".offers .trail") ?? [])].map((line) =>
    [line, line.getAttribute("points").split(" "), [...line.nextElementSibling.children]]);

  function standing(n) { // the newest offer at or before move n
    for (let i = n; i >= 0; i--) if (rows[i].querySelector("code")) return rows[i];
    return null;
  }

  function show(n) {
    const row = rows[n];
    const [number, round, who] = [...row.cells].slice(0, 3).map((cell) => cell.textContent);
    slider.value = n + 1;
    slider.ariaValueText = `move ${number}, round ${round}`;
    back.disabled = n === 0;
    forth.disabled = n === rows.length - 1;
    rows.forEach((other, i) => other.classList.toggle("here", i === n));
    const said = panel.querySelector(".said");
    const name = document.createElement("b");
    name.textContent = who;
    const what = [...row.cells[3].childNodes].map((node) => node.cloneNode(true));
    said.replaceChildren(`Move ${number}, round ${round}: `, name, " ", ...what);
    const offer = standing(n);
    if (offer && offer !== row) said.append(" · on the table: ", offer.querySelector("code").cloneNode(true));
    const worth = offer ? numbers(offer) : [];
    panel.querySelectorAll(".worth i").forEach((bar, i) => {
      bar.firstElementChild.style.width = `${Math.min(Math.max(worth[i] ?? 0, 0), 1) * 100}%`;
      bar.nextElementSibling.textContent = worth[i] ?? "–";
    });
    if (space) {
      const ring = space.querySelector(".now");
      ring.setAttribute("cx", offer ? scale(space.dataset.across)(worth[0]) : -20);
      ring.setAttribute("cy", offer ? scale(space.dataset.up)(worth[1]) : -20);
      trails.forEach(([line, points, spots]) => {
        const seen = spots.filter((spot) => Number(spot.dataset.m) <= Number(number)).length;
        spots.forEach((spot, i) => { spot.style.visibility = i < seen ? "" : "hidden"; });
        line.setAttribute("points", points.slice(0, seen).join(" "));
      });
    }
    const at = scale(course.dataset.across)(round), veil = course.querySelector(".veil");
    const end = Number(course.dataset.across.split(" ")[3]) + 22;
    veil.setAttribute("x", at);
    veil.setAttribute("width", n === rows.length - 1 ? 0 : Math.max(end - at, 0));
    for (const side of ["x1", "x2"]) course.querySelector(".cursor").setAttribute(side, at);
    panel.querySelector(".here").setAttribute("href", `#${box.id}-move-${number}`);
  }

  const to = (n) => show(Math.min(Math.max(n, 0), rows.length - 1));
  slider.addEventListener("input", () => to(slider.value - 1));
  back.addEventListener("click", () => to(slider.value - 2));
  forth.addEventListener("click", () => to(Number(slider.value)));
  panel.hidden = false;
  to(rows.length - 1);
  return (number) => to(rows.findIndex((row) => row.cells[0].textContent === number));
}

document.querySelectorAll("table.sortable").forEach(sortable);
const goes = new Map();
document.querySelectorAll("details.replay").forEach((box) => goes.set(box.id, replay(box)));

function follow() { // links such as #replay-2-move-17
  const found = /^#(replay-\d+)-move-(\d+)$/.exec(location.hash);
  const box = found && document.getElementById(found[1]);
  if (!box) return;
  box.open = true;
  goes.get(box.id)(found[2]);
  box.scrollIntoView();
}
addEventListener("hashchange", follow);
follow();
