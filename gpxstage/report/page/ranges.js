// A part of the course between two places: dragged on the profile, or set from the place slider.
"use strict";
(() => {
  const { plans, units, summed } = gpxstage, $ = (id) => document.getElementById(id);
  const { places, stages, ground } = gpxstage.course;
  const known = Object.fromEntries(Object.entries(ground).map(([key, steps]) => [key, summed(steps)]));
  let ends = null;

  // What grows along a stage, over all stages that the range touches; each begins at nought.
  function over(values, from, to) {
    return stages.reduce((total, { first, last }) => {
      const a = Math.max(first, from), b = Math.min(last, to);
      return a < b ? total + values[b] - values[a] : total;
    }, 0);
  }
  function measured(from, to) {
    const length = over(places.at, from, to) / 10;
    const found = { length, gain: null, loss: null, up: null, down: null, elapsed: null, hiked: null };
    if (known.gain.length)
      for (const key of ["gain", "loss", "up", "down"]) found[key] = over(known[key], from, to) / 10;
    const plan = plans && gpxstage.shownPlan();
    if (!plan) return found;
    const last = plans.stageOf(to), through = plans.data.through;
    found.elapsed = through ? plan.at[to] - plan.at[from] : over(plan.at, from, to);
    if (through && last > plans.stageOf(from) && to === stages[last].first) found.elapsed -= plan.at[to] - plan.at[to - 1];
    const moving = over(plan.movingAt, from, to);
    if (plan.hikedAt.length && moving > 0) found.hiked = over(plan.hikedAt, from, to) / moving;
    return found;
  }
  function show() {
    gpxstage.shade(ends);
    $("range-clear").hidden = !ends;
    $("range").hidden = !ends;
    if (!ends) return;
    const found = measured(...ends), share = (part) => `${Math.round(100 * part)} %`;
    const said = [
      ["Part", `${ends.map((i) => units.far(1000 * places.x[i])).join(" – ")} ${units.name("distance")}`],
      ["Distance", `${units.far(found.length)} ${units.name("distance")}`],
      ["Climb", found.gain === null ? null : `+${units.high(found.gain)} ${units.name("height")}`],
      ["Descent", found.gain === null ? null : `−${units.high(found.loss)} ${units.name("height")}`],
      ["Time, with stops", found.elapsed === null ? null : `${plans.hours(found.elapsed)} h`],
      ["Hiked, of the moving time", found.hiked === null ? null : share(found.hiked)],
      ["Uphill over 5\u00a0%", found.up === null ? null : share(found.up / found.length)],
      ["Downhill over 5\u00a0%", found.up === null ? null : share(found.down / found.length)],
    ];
    $("range-figures").replaceChildren(...said.filter(([, value]) => value !== null).map(([name, value]) => {
      const box = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");
      box.className = name === "Part" || name.startsWith("Hiked") ? "wide" : ""; // where rows are of two
      [dt.textContent, dd.textContent] = [name, value];
      box.append(dt, dd);
      return box;
    }));
  }
  gpxstage.range = (from, to) => {
    ends = from === to ? null : [Math.min(from, to), Math.max(from, to)];
    show();
  };
  gpxstage.rangeFigures = () => ends && measured(...ends);
  gpxstage.rangeAgain = () => { if (ends) show(); };
  units.onChange(gpxstage.rangeAgain);

  let begin = null;
  const here = () => Number($("slider").value);
  $("range-from").addEventListener("click", () => {
    begin = here();
    gpxstage.range(begin, ends && ends[1] > begin ? ends[1] : stages[stages.length - 1].last);
  });
  $("range-to").addEventListener("click", () =>
    gpxstage.range(ends && ends[0] < here() ? ends[0] : stages[0].first, here()));
  $("range-clear").addEventListener("click", () => gpxstage.range(0, 0));
})();
