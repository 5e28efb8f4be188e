// Names on the charts: by rank, each where it finds room. A name stays inside the chart, clear of
// the way, of the dots of other points, of stage borders and of other names; else it is not written.
"use strict";
gpxstage.names = (() => {
  const { places, marks, stages } = gpxstage.course;
  const GAP = [8, 2], EDGE = 3, CLEAR = 5, FONT = "system-ui, sans-serif"; // pixels
  const pen = document.createElement("canvas").getContext("2d");
  const shift = ([l, t, r, b], x, y = x) => [l - x, t - y, r + x, b + y];
  const touch = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  function wide(text, size, style = "normal") {
    pen.font = `${style} ${size}px ${FONT}`;
    return pen.measureText(text).width;
  }
  function shorten(text, room, ...pen) {
    if (wide(text, ...pen) <= room) return text;
    const letters = Array.from(text), short = () => `${letters.join("").trimEnd()}…`;
    while (letters.length > 3 && wide(short(), ...pen) > room) letters.pop();
    return letters.length > 3 ? short() : "";
  }
  // The part of a line from one pixel to another that lies inside a box: from and to as shares of
  // it; null where there is none.
  function inside([l, t, r, b], [x, y], [x1, y1]) {
    let from = 0, to = 1;
    for (const [step, low, high] of [[x1 - x, l - x, r - x], [y1 - y, t - y, b - y]]) {
      if (step === 0) {
        if (low > 0 || high < 0) return null;
        continue;
      }
      from = Math.max(from, Math.min(low / step, high / step));
      to = Math.min(to, Math.max(low / step, high / step));
    }
    return from <= to ? [from, to] : null;
  }
  // What is in the way of names, in pixels of a chart's frame.
  function seen(plot, dot) {
    const upright = plot.name === "profile", { x_range, y_range } = plot;
    const { inner_width: width, inner_height: height } = plot;
    const x = (value) => (value - x_range.start) / (x_range.end - x_range.start) * width;
    const y = (value) => height - (value - y_range.start) / (y_range.end - y_range.start) * height;
    const [across, along] = upright ? [places.x, places.y] : [places.east, places.north];
    const ways = stages.map(({ first, last }) =>
      across.slice(first, last + 1).map((value, i) => [x(value), y(along[first + i])]));
    const [at, level] = upright ? [marks.at, marks.height] : [marks.east, marks.north];
    const dots = at.map((value, k) => [x(value), y(level[k]), dot(k) / 2 + 1]);
    const borders = upright ? stages.slice(1).map(({ first }) => x(places.x[first])) : [];
    const start = upright ? [] : [[...ways[0][0], 9]];
    return { upright, width, height, ways, dots, borders, start };
  }
  function lines(ways, box, act) { // of each way through the box; true ends the search
    for (const way of ways)
      for (let i = 1; i < way.length; i++) {
        const [a, b] = [way[i - 1], way[i]];
        if (Math.max(a[0], b[0]) < box[0] || Math.min(a[0], b[0]) > box[2]) continue;
        const part = inside(box, a, b);
        if (part && act(a, b, part)) return true;
      }
    return false;
  }
  function ground(chart, left, right) { // its highest pixel between two others
    let top = chart.height;
    lines(chart.ways, [left, -Infinity, right, Infinity], (a, b, part) => {
      for (const share of part) top = Math.min(top, a[1] + share * (b[1] - a[1]));
      return false;
    });
    return top;
  }

  // Where a name may be: its box, and how the chart writes it there, the best place first.
  function* besideLine(chart, [x], long, size, last) { // the end of a stage, at its border's top
    const sides = last ? [-1] : [1, -1], half = 0.62 * size, dy = 2;
    for (const side of sides) {
      const left = side > 0 ? x + 5 : x - 5 - long;
      yield { box: [left, dy, left + long, dy + 1.2 * size], top: true, turn: 0, dx: 5 * side, dy,
        anchor: side > 0 ? "top_left" : "top_right" };
    }
    for (const side of sides) {
      const dx = side * Math.ceil(half + EDGE + 1), box = [x + dx - half, dy, x + dx + half, dy + long];
      if (box[3] < ground(chart, box[0], box[2]) - 6)
        yield { box, top: true, turn: Math.PI / 2, dx, dy, anchor: "center_right" };
    }
  }
  function* upright(chart, [x], name, size, style) { // on the ground around it
    const half = 0.62 * size;
    for (const dx of [0, -4, 4, -8, 8]) {
      const left = x + dx - half, right = x + dx + half;
      const foot = ground(chart, left - 1, right + 1) - 8;
      const text = shorten(name, foot - 1.2 * size - 6, size, style);
      if (text)
        yield { box: [left, foot - wide(text, size, style), right, foot], foot, turn: Math.PI / 2, text,
          anchor: "center_left", dx, dy: 0 };
    }
  }
  function* around([x, y], long, size) { // of a dot on the plan
    const half = 0.6 * size;
    const box = (left, middle) => [left, middle - half, left + long, middle + half];
    for (const row of [0, -1, 1, -1.7, 1.7])
      for (const side of [1, -1]) {
        const dy = 1.1 * size * row;
        yield { box: box(side > 0 ? x + 9 : x - 9 - long, y + dy), turn: 0, dx: 9 * side, dy,
          anchor: side > 0 ? "center_left" : "center_right" };
      }
    for (const dy of [-1.4 * size, 1.4 * size])
      yield { box: box(x - long / 2, y + dy), turn: 0, dx: 0, dy, anchor: "center" };
  }

  // The columns of a chart's bold names, of ends of stages and bases, and of its others; *size* is that of the letters, *dot* of each point's dot.
  function place(plot, size, dot, lastAt) {
    const chart = seen(plot, dot), taken = [];
    const { width, height, ways, dots, borders, start } = chart;
    const columns = () => ({ x: [], y: [], text: [], angle: [], anchor: [], dx: [], dy: [] });
    const all = { bold: columns(), normal: columns() };
    const free = ({ box, turn }, k) => {
      const near = shift(box, ...(turn ? [GAP[1], GAP[0]] : GAP));
      return box[0] >= EDGE && box[2] <= width - EDGE && box[1] >= 0 && box[3] <= height - EDGE &&
        !taken.some((other) => touch(near, other)) &&
        !borders.some((x) => x > box[0] - EDGE && x < box[2] + EDGE) &&
        ![...dots, ...start].some(([x, y, r], i) => i !== k && touch(box, shift([x, y, x, y], r))) &&
        (chart.upright || !lines(ways, shift(box, CLEAR), () => true));
    };
    const order = Array.from(marks.name, (_, k) => k).sort((a, b) => marks.rank[a] - marks.rank[b] || a - b);
    for (const k of order) {
      const dot = dots[k], name = marks.name[k], end = chart.upright && marks.rank[k] === 0;
      if (!name || dot[0] < -1 || dot[0] > width + 1 || !(dot[1] > -1 && dot[1] < height + 1)) continue;
      const style = marks.rank[k] < 2 ? "bold" : "normal", long = wide(name, size, style);
      const tries = end ? besideLine(chart, dot, long, size, marks.at[k] >= lastAt - 1e-6)
        : chart.upright ? upright(chart, dot, name, size, style) : around(dot, long, size);
      const here = Array.from(tries).find((each) => free(each, k));
      if (!here) continue;
      taken.push(here.box);
      const { x_range, y_range } = plot, found = all[style];
      const top = here.top ? 0 : here.foot === undefined ? dot[1] : here.foot;
      found.x.push(x_range.start + dot[0] / width * (x_range.end - x_range.start));
      found.y.push(y_range.end - top / height * (y_range.end - y_range.start));
      found.text.push(here.text || name);
      found.angle.push(here.turn);
      for (const key of ["anchor", "dx", "dy"]) found[key].push(here[key]);
    }
    return all;
  }
  // How much room the longest name needs that stands upright in a part of the course.
  function longest(size, from, to) {
    const here = marks.name.filter((_, k) => marks.rank[k] > 0 && marks.at[k] >= from && marks.at[k] <= to);
    return Math.max(0, ...here.map((name) => wide(name, size)));
  }
  return { place, longest, wide };
})();
