// Plans of several finish times, and the one between two of them: numbers alone, no element of
// the page. Times are seconds on the clock of the race; in a staged race, on that of the stage.
"use strict";
gpxstage.plans = (() => {
  const data = gpxstage.read("plan-data");
  if (!data) return null;
  const { course: { places, stages, marks }, summed } = gpxstage;
  for (const key of ["arrival", "stop", "sleep"]) // each plan as what it adds to the one before
    data[key].forEach((row, k) => k && row.forEach((_, n) => (row[n] += data[key][k - 1][n])));
  const movingAt = data.movingAt.map(summed), hikedAt = data.hikedAt.map(summed);
  const finishes = data.finish, own = finishes[data.mine];
  const limits = [finishes[0], finishes[finishes.length - 1]];
  const points = data.points.map(([stage, name, distance, cutoff, arrive], k) =>
    ({ stage, name, distance, cutoff, arrive, place: nearest(stages[stage], marks.at[k]) }));

  function nearest(view, x) {
    let best = view.first;
    for (let i = view.first; i <= view.last; i++)
      if (Math.abs(places.x[i] - x) < Math.abs(places.x[best] - x)) best = i;
    return best;
  }
  // The two neighbours of a value in rising values, and how far it is from the first.
  function between(values, value) {
    let k = 0;
    while (k < values.length - 2 && value > values[k + 1]) k++;
    return [k, Math.min(1, Math.max(0, (value - values[k]) / (values[k + 1] - values[k])))];
  }
  const mean = (a, b, share) => Array.isArray(a) ? a.map((each, k) => mean(each, b[k], share))
    : a === null || b === null ? null : a + share * (b - a);

  // Where the nights are as many in both plans, each is between both; else those of the nearer.
  function nights(a, b, share) {
    return a.map((here, k) => here && b[k] && here.length === b[k].length
      ? mean(here, b[k], share) : share < 0.5 ? here : b[k]);
  }
  function of(finish) {
    const [k, share] = between(finishes, finish);
    const [j, part] = between(data.picked.map((n) => finishes[n]), finish);
    const found = { finish: mean(finishes[k], finishes[k + 1], share) };
    for (const key of ["arrival", "stop", "sleep", "begin", "elapsed", "moving", "hiked", "dark", "race"])
      found[key] = mean(data[key][k], data[key][k + 1], share);
    found.nights = nights(data.nights[k], data.nights[k + 1], share);
    found.movingAt = mean(movingAt[j], movingAt[j + 1], part);
    found.hikedAt = mean(hikedAt[j], hikedAt[j + 1], part);
    found.at = times(found);
    found.left = points.map((p, n) => p.cutoff === null ? null
      : p.cutoff - Math.round(found.arrival[n]) - (p.arrive ? 0 : Math.round(found.stop[n])));
    return found;
  }
  // When the runner is at each place: between two points, as the moving time goes on.
  function times(plan) {
    const at = new Array(places.x.length);
    stages.forEach((view, s) => {
      let from = view.first, leaves = plan.begin[s];
      points.forEach((point, n) => {
        if (point.stage !== s) return;
        const first = plan.movingAt[from], long = plan.movingAt[point.place] - first;
        for (let i = from; i <= point.place; i++)
          if (i > from || i === view.first) at[i] = leaves +
            (long > 0 ? (plan.movingAt[i] - first) / long : 1) * (plan.arrival[n] - leaves);
        [from, leaves] = [point.place, plan.arrival[n] + plan.stop[n]];
      });
    });
    return at;
  }
  // The finish time whose plan is at a point at a moment; the nearest end where none is.
  function through(n, seconds) {
    const [k, share] = between(data.arrival.map((each) => each[n]), seconds);
    return finishes[k] + share * (finishes[k + 1] - finishes[k]);
  }

  // ---- as words, rounded as everywhere in this program -----------------------------------------
  const minutes = (seconds) => Math.floor(Math.round(seconds) / 60 + 0.5);
  const two = (value) => String(value).padStart(2, "0");
  function hours(seconds, signed = false) {
    const whole = signed ? -minutes(-seconds) : minutes(seconds), size = Math.abs(whole);
    return `${whole < 0 ? "−" : signed ? "+" : ""}${Math.floor(size / 60)}:${two(size % 60)}`;
  }
  const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  function wall(stage, seconds) { // seconds since the midnight before the start
    const [, ofDay, changes] = data.clocks[stage];
    return ofDay + Math.round(seconds) +
      changes.reduce((sum, [after, by]) => sum + (seconds >= after ? by : 0), 0);
  }
  function clock(stage, seconds) {
    if (!data.clocks[stage]) return hours(seconds);
    const [weekday, ofDay, changes] = data.clocks[stage];
    const full = 60 * Math.floor((ofDay + Math.round(seconds)) / 60 + 0.5) - ofDay; // at a full minute
    const whole = Math.floor(wall(stage, full) / 60);
    const day = DAYS[(weekday + Math.floor(whole / 1440)) % 7];
    const twice = changes.find(([after, by]) => by <= full - after && full - after < -by);
    const mark = twice ? ` ${twice[full < twice[0] ? 2 : 3]}` : ""; // "02:45 CET" comes twice
    return `${day} ${two(Math.floor(whole / 60) % 24)}:${two(whole % 60)}${mark}`;
  }
  // "97:00" or "97" hours as seconds; NaN for what is neither.
  function seconds(text) {
    const found = /^\s*(\d{1,4})(?::([0-5]\d))?\s*h?\s*$/.exec(text);
    return found ? 3600 * Number(found[1]) + 60 * Number(found[2] || 0) : NaN;
  }
  const stageOf = (i) => stages.findIndex((view) => i <= view.last);
  return { data, stages, points, own, limits, of, through, hours, wall, clock, seconds, stageOf };
})();
