// The planner: a finish time moves the tables, the figures and the charts, and is kept in the link.
"use strict";
(() => {
  const { plans, link, units } = gpxstage, $ = (id) => document.getElementById(id);
  if (!plans) return;
  const { data, points, hours, clock, own, limits } = plans;
  const goal = $("goal"), finish = $("finish"), last = points.length - 1;
  const ends = [limits[0] / 60, limits[1] / 60].map(Math.round);
  let chosen = null; // the plan; null is the expected one

  // ---- what of the page moves -------------------------------------------------------------------
  // The rest of what is estimated, ranges and chances, belongs to the expected time alone.
  const cells = [];
  function table(id, write, fixed) {
    const found = document.querySelector(`[aria-labelledby="${id}-caption"] table`);
    if (!found) return;
    const names = Array.from(found.tHead.rows[0].cells, (cell) => cell.textContent);
    const rows = Array.from(found.tBodies).flatMap((body) => Array.from(body.rows))
      .filter((row) => row.cells.length === names.length);
    names.forEach((name, column) => rows.forEach((row, k) => {
      const cell = row.cells[column];
      if (fixed.includes(name)) cell.classList.add("expected-only");
      else if (write[name]) cells.push({ cell, text: cell.textContent, now: (plan) => write[name](plan, k) });
    }));
  }
  const some = (value) => value > 0 ? hours(value) : "";
  table("points", {
    "expected": (plan, k) => clock(points[k].stage, plan.arrival[k]),
    "after": (plan, k) => data.clocks[points[k].stage] ? hours(plan.arrival[k]) : "",
    "stop": (plan, k) => some(plan.stop[k]),
    "asleep": (plan, k) => some(plan.sleep[k]),
    "margin": (plan, k) => plan.left[k] === null ? "" : hours(plan.left[k], true),
  }, ["range (80 %)", "late margin", "miss %", "leave by"]);
  const each = (values, k) => k < values.length ? values[k] : values.reduce((sum, v) => sum + v, 0);
  table("stages", {
    "expected": (plan, k) => hours(each(plan.elapsed, k)),
    "moving": (plan, k) => hours(each(plan.moving, k)),
    "in the dark": (plan, k) => hours(each(plan.dark, k)),
    "hiked %": (plan, k) => String(Math.round(100 * each(plan.hiked, k) / each(plan.moving, k))),
    ...(data.through && { "start": (plan, k) => k < plan.begin.length ? clock(k, plan.begin[k]) : "" }),
  }, ["range (80 %)", "earlier days", "min/km", "min/mi"]);
  const figures = {
    "Finish": (plan) => clock(points[last].stage, plan.arrival[last]),
    "Expected time": (plan) => hours(plan.finish),
    "Hiked, of the moving time": (plan) => String(Math.round(100 * plan.race[1] / plan.race[0])),
    "Moving": (plan) => hours(plan.race[0]),
    "Before the limit": (plan) => hours(data.limit - plan.finish, true),
  };
  const apart = ["Chance to finish", "Moving in the dark", "Energy while moving"];
  for (const figure of document.querySelectorAll(".figures > div")) {
    const name = figure.querySelector("dt").textContent, value = figure.querySelector(".value > span");
    if (figures[name]) cells.push({ cell: value, text: value.textContent, now: figures[name] });
    if (figures[name] || apart.includes(name))
      for (const more of figure.querySelectorAll(figures[name] ? ".more" : "dd"))
        more.classList.add("expected-only");
  }

  // ---- a finish time is chosen --------------------------------------------------------------------
  const clamped = (seconds) => Math.min(limits[1], Math.max(limits[0], seconds));
  function choose(seconds, { keep = true, say = "" } = {}) {
    const wanted = clamped(seconds), isOwn = Math.round(wanted / 60) === Math.round(own / 60);
    chosen = isOwn ? null : plans.of(wanted);
    const shown = chosen || plans.of(own);
    for (const { cell, text, now } of cells) {
      cell.textContent = chosen ? now(chosen) : text;
      cell.classList.toggle("late", cell.textContent.startsWith("−"));
    }
    document.documentElement.classList.toggle("replanned", Boolean(chosen));
    goal.value = hours(shown.finish);
    finish.value = Math.round(shown.finish / 60);
    const there = clock(points[last].stage, shown.arrival[last]);
    finish.setAttribute("aria-valuetext", `${hours(shown.finish)} h${data.clocks[0] ? `, ${there}` : ""}`);
    $("arrives").textContent = data.clocks[points[last].stage] ? there : `${there} h`;
    const late = points.filter((_, k) => shown.left[k] !== null && shown.left[k] < 0).length;
    const beyond = Math.abs(wanted - seconds) > 60
      ? `Plans are made for ${hours(limits[0])} to ${hours(limits[1])} h: the nearest is shown. ` : "";
    $("planner-said").textContent = beyond + say + (late ? `${late} ${late > 1 ? "cutoffs are" : "cutoff is"} missed.` : "");
    if (keep) link.keep("goal", chosen ? hours(chosen.finish) : "");
    if (gpxstage.replan) gpxstage.replan(chosen);
  }
  gpxstage.chosen = () => chosen;
  gpxstage.shownPlan = () => chosen || plans.of(own);

  // ---- under way -------------------------------------------------------------------------------
  const where = $("now-point"), time = $("now-time");
  points.forEach((point, k) => where.add(new Option(
    plans.stages.length > 1 ? `${plans.stages[point.stage].number} · ${point.name}` : point.name, k)));
  where.closest(".passing").hidden = points.length < 2; // the finish alone is the goal itself
  const hasClock = (k) => Boolean(data.clocks[points[k].stage]);
  if (!hasClock(0)) { time.type = "text"; time.placeholder = "h:mm"; }
  function passage(k) { // seconds on the clock of the point's stage
    if (!hasClock(k)) return plans.seconds(time.value);
    const ofDay = plans.seconds(time.value), expected = gpxstage.shownPlan().arrival[k];
    const wall = plans.wall(points[k].stage, expected);
    const turn = 86400, miss = ((ofDay - wall) % turn + 1.5 * turn) % turn - 0.5 * turn;
    return expected + miss; // of all days, the one that is nearest to the plan
  }
  function underWay() {
    const k = Number(where.value), there = passage(k), name = points[k].name;
    if (!(there > 0)) { $("planner-said").textContent = "A time is hours and minutes, as 14:30."; return; }
    const fit = plans.through(k, there), met = plans.of(fit).arrival[k], off = there - met;
    const far = Math.abs(off) > 90
      ? `No plan is there at that time: the nearest is ${hours(Math.abs(off))} h ${off < 0 ? "later" : "earlier"}. `
      : `The rest follows the plan that is at ${name} at ${clock(points[k].stage, there)}. `;
    choose(fit, { say: far });
  }

  // ---- as text ---------------------------------------------------------------------------------
  function text() {
    const plan = gpxstage.shownPlan(), lines = [`${document.title}: ${hours(plan.finish)} h`];
    points.forEach((point, k) => {
      if (k === 0 || points[k - 1].stage !== point.stage)
        if (plans.stages.length > 1) lines.push("", `${plans.stages[point.stage].number} ${plans.stages[point.stage].name}`);
      const left = plan.left[k] === null ? "" : ` (${hours(plan.left[k], true)})`;
      const there = `${units.far(point.distance)} ${units.name("distance")}`;
      lines.push(`${clock(point.stage, plan.arrival[k])}  ${there}  ${point.name}${left}`);
    });
    return lines.join("\n");
  }
  gpxstage.planText = text;
  async function copy() {
    const box = $("plan-text");
    box.value = text();
    try {
      await navigator.clipboard.writeText(box.value);
      $("planner-said").textContent = "The plan is copied.";
    } catch { // without leave, as in a file that is opened from disk by some browsers
      box.hidden = false;
      box.select();
      $("planner-said").textContent = "Copy the plan from the box.";
    }
  }

  // ---- begin -----------------------------------------------------------------------------------
  [finish.min, finish.max] = ends;
  finish.step = limits[1] > 24 * 3600 ? 5 : 1;
  finish.min = Math.ceil(ends[0] / finish.step) * finish.step;
  $("fastest").textContent = hours(limits[0]);
  $("slowest").textContent = hours(limits[1]);
  finish.addEventListener("input", () => choose(60 * Number(finish.value)));
  goal.addEventListener("change", () => {
    const seconds = plans.seconds(goal.value);
    if (seconds > 0) choose(seconds);
    else $("planner-said").textContent = "A finish time is hours and minutes, as 97:00.";
  });
  $("as-expected").addEventListener("click", () => choose(own));
  $("copy").addEventListener("click", copy);
  $("retime").addEventListener("click", underWay);
  const linked = () => {
    const seconds = plans.seconds(link.read("goal") || "");
    if (seconds > 0) choose(seconds, { keep: false });
  };
  addEventListener("hashchange", linked);
  choose(own, { keep: false });
  linked();
})();
