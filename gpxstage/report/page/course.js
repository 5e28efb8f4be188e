// The course: its places as numbers, and its lengths and heights in words of the units chosen.
"use strict";
const gpxstage = {};
gpxstage.read = (id) => JSON.parse(document.getElementById(id).textContent);
gpxstage.summed = (steps) => { let sum = 0; return steps.map((step) => step === null ? null : (sum += step)); };

gpxstage.course = (() => {
  const { summed, read } = gpxstage, course = read("course-data"), { places, views } = course;
  for (const key of ["at", "high", "east", "north"]) places[key] = summed(places[key]);
  places.window = places.window.flatMap(([count, text]) => new Array(count).fill(text));
  course.stages = views.length > 1 ? views.slice(1) : views;
  places.x = places.at.slice(); // kilometres along the race, metres of height
  for (const view of course.stages)
    for (let i = view.first; i <= view.last; i++) places.x[i] = (places.at[i] + 10 * view.from) / 1e4;
  places.y = places.high.map((value) => value === null ? NaN : value / 10);
  return course;
})();

// ---- what the link keeps -------------------------------------------------------------------------
gpxstage.link = (() => {
  const read = (key) => (new RegExp(`[#&]${key}=([\\w:]+)`).exec(location.hash) || [])[1];
  const kept = { goal: read("goal"), units: read("units") };
  function keep(key, value) {
    kept[key] = value;
    const parts = Object.entries(kept).filter(([, each]) => each).map((pair) => pair.join("="));
    history.replaceState(null, "", `#${parts.join("&")}`);
  }
  return { read, keep };
})();

// ---- units, rounded as everywhere in this program ------------------------------------------------
gpxstage.units = (() => {
  const { first, units } = gpxstage.course, changed = [];
  let now = first;
  function half(value, digits) { // halves away from zero
    const scale = 10 ** digits, whole = Math.floor(Number((Math.abs(value) * scale).toFixed(6)) + 0.5);
    return Math.sign(value) * whole / scale;
  }
  function number(value, digits = 0) {
    const found = half(value, digits) + 0;
    return found.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
      .replace("-", "−");
  }
  const decimetre = (metres) => Math.round(10 * metres) / 10;
  const far = (metres) => number(half(decimetre(metres) / units[now][2], 2), 1);
  const high = (metres) => number(decimetre(metres) / units[now][3]);
  const name = (which) => units[now][which === "distance" ? 0 : 1];
  // Every text that has another one in the other units changes places with it.
  function turn(system) {
    if (system === now || !(system in units)) return;
    now = system;
    for (const each of document.querySelectorAll("[data-other]"))
      [each.textContent, each.dataset.other] = [each.dataset.other, each.textContent];
    for (const each of document.querySelectorAll(".in-turn")) each.hidden = !each.hidden;
    for (const choice of choices) choice.checked = choice.value === system;
    for (const act of changed) act();
  }
  const choices = document.querySelectorAll("input[name=units]");
  for (const choice of choices)
    choice.addEventListener("change", () => {
      turn(choice.value);
      gpxstage.link.keep("units", choice.value === first ? "" : choice.value);
    });
  const linked = () => turn(gpxstage.link.read("units"));
  addEventListener("hashchange", linked);
  linked();
  return {
    far, high, number, name,
    onChange: (act) => changed.push(act),
    perKm: () => 1000 / units[now][2], perMetre: () => 1 / units[now][3], system: () => now,
  };
})();
