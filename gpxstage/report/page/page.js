// The page's own part: colours for light and dark, one cursor for both charts and the slider, what
// the charts show and in which steps, stages to look at. All text is set as text, never as markup.
(() => {
  const root = document.documentElement;
  root.classList.add("live");
  const { read, plans, units, names } = gpxstage;
  const { places, marks, views, staged, clock } = gpxstage.course;
  const charts = read("chart-data");
  const $ = (id) => document.getElementById(id);
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const rem = () => parseFloat(getComputedStyle(root).fontSize);
  const slider = $("slider");
  let race = null; // bokeh's document, once it is there
  let view = views[0];
  const chart = (name) => race && race.get_model_by_name(name);

  // ---- colours and sizes -------------------------------------------------------------------
  function paint() {
    for (const model of race._all_models.values()) {
      for (const tag of model.tags) {
        const [property, name] = tag.split("=");
        const value = css(name);
        const data = property.startsWith("major_") || property.startsWith("grid_");
        model[property] = data ? value : { value };
      }
      const size = `${(rem() * 0.75).toFixed(1)}px`;
      for (const property of ["text_font_size", "major_label_text_font_size"])
        if (property in model) model[property] = property === "text_font_size" ? { value: size } : size;
    }
    for (const name of ["profile-grades", "plan-grades"]) {
      const source = chart(name);
      if (source) source.data = { ...source.data, colour: source.data.band.map((k) => css(`--grade-${k}`)) };
    }
  }

  // ---- what is shown -----------------------------------------------------------------------
  function span(values, from, to) {
    let low = Infinity, high = -Infinity;
    for (let i = from; i <= to; i++) {
      if (values[i] < low) low = values[i];
      if (values[i] > high) high = values[i];
    }
    return [low, high];
  }
  function frame() {
    const profile = chart("profile"), plan = chart("plan");
    if (profile && profile.inner_height > 0) {
      const [low, high] = whole.height, [first, last] = [places.x[view.first], places.x[view.last]];
      const most = Math.min(11 * rem(), 0.46 * profile.inner_height);
      const room = Math.min(most, 2.8 * rem() + names.longest(0.75 * rem(), first, last));
      const edge = 6 * (last - first) / Math.max(profile.inner_width - 12, 1); // half a dot
      profile.x_range.setv({ start: first - edge, end: last + edge });
      profile.y_range.end = low + (high - low) / (1 - room / profile.inner_height);
      measure(profile);
      name(profile);
    }
    if (plan && plan.inner_width > 0) {
      const [west, east] = span(places.east, view.first, view.last);
      const [south, north] = span(places.north, view.first, view.last);
      const edge = 2.2 * rem();
      const scale = Math.max((east - west) / Math.max(plan.inner_width - 2 * edge, 40),
        (north - south) / Math.max(plan.inner_height - 2 * edge, 40), 0.05);
      const half = [0.5 * scale * plan.inner_width, 0.5 * scale * plan.inner_height];
      plan.x_range.setv({ start: (west + east) / 2 - half[0], end: (west + east) / 2 + half[0] });
      plan.y_range.setv({ start: (south + north) / 2 - half[1], end: (south + north) / 2 + half[1] });
      rule(0.001 * scale * units.perKm(), 0.3 * plan.inner_width);
      name(plan);
    }
  }
  const TEN = [1, 2, 5, 10]; // steps that people count in, of each power of ten
  const ten = (value) => 10 ** Math.floor(Math.log10(value) + 1e-9);
  // The least step whose labels stay apart, where they need so many pixels each.
  function step(range, pixels, least) {
    const wanted = (range.end - range.start) * least / Math.max(pixels, 1);
    return ten(wanted) * TEN.find((k) => k * ten(wanted) >= wanted * (1 - 1e-9));
  }
  // The axes count in the units chosen; heights no farther than the ground, unless that is flat.
  function measure({ x_range, y_range, inner_width, inner_height }) {
    const km = units.perKm(), metre = units.perMetre(), far = chart("far"), high = chart("high");
    far.setv({ start: x_range.start * km, end: x_range.end * km });
    high.setv({ start: y_range.start * metre, end: y_range.end * metre });
    const unit = units.name("distance"), label = names.wide(`${Math.round(far.end)} ${unit}`, 0.75 * rem());
    chart("far-format").format = `%g ${unit}`;
    chart("far-steps").interval = step(far, inner_width, Math.max(label + 0.8 * rem(), inner_width / 12));
    const each = step(high, inner_height, 2.2 * rem());
    chart("high-steps").interval = each;
    const [low, top] = ground.map((level) => level * metre);
    const few = Math.floor(top / each) - Math.ceil(low / each) < 1;
    const bounds = few ? [each * Math.floor(low / each), each * Math.ceil(top / each)] : [low, top];
    for (const axis of ["heights", "levels"]) chart(axis).bounds = bounds;
  }
  // The scale of the plan, below it: units of distance in a pixel, and pixels at most.
  function rule(pixel, most) {
    const length = ten(pixel * most) * TEN.findLast((k) => k * ten(pixel * most) <= pixel * most * (1 + 1e-9));
    $("ruler-bar").style.width = `${length / pixel}px`;
    $("ruler-length").textContent = `${Number(length.toPrecision(1))} ${units.name("distance")}`;
  }
  const ground = span(places.y, 0, places.y.length - 1);
  const whole = {}, roomy = (plot) => plot.inner_width > 30 * rem();
  function name(plot) {
    const most = roomy(plot) ? 5 : 3, size = (k) => marks.rank[k] < 2 ? most + 4 : most;
    const dots = chart(`${plot.name}-dots`);
    dots.data = { ...dots.data, size: marks.rank.map((_, k) => size(k)) };
    const found = names.place(plot, 0.75 * rem(), size, places.x[view.last]);
    for (const style of ["normal", "bold"]) chart(`${plot.name}-${style}`).data = found[style];
  }

  // ---- another plan than the expected one -------------------------------------------------------
  let plan = null, usual = null, now = places; // now: columns of text at each place
  gpxstage.replan = (chosen) => {
    plan = chosen;
    if (!race) return; // it is drawn later
    usual = usual || { night: chart("profile-night")?.data, hiked: chart("profile-hiked")?.data };
    now = plan ? { ...places, ...replanned() } : places;
    if (chart("profile")) {
      chart("profile-night").data = plan ? nights() : usual.night;
      chart("profile-hiked").data = plan ? hikedStrip() : usual.hiked;
    }
    showAgain();
    gpxstage.rangeAgain();
  };
  gpxstage.shade = (ends) => {
    const source = chart("profile-range");
    if (source) source.data = ends ? { x0: [places.x[ends[0]]], x1: [places.x[ends[1]]] } : { x0: [], x1: [] };
  };
  function replanned() {
    const { stages, stageOf } = plans, dark = places.x.map(() => 0);
    stages.forEach((view, s) => {
      for (let i = view.first; i <= view.last; i++)
        dark[i] = Number((plan.nights[s] || []).some(([from, to]) => plan.at[i] >= from && plan.at[i] < to));
    });
    const hiked = places.x.map((_, i) => plan.hikedAt.length ? Math.round(100 * shareAt(i)) : null);
    return { when: plan.at.map((s, i) => plans.clock(stageOf(i), s)), window: places.x.map(() => ""), dark, hiked };
  }
  function shareAt(i) { // of the stretch after a place, or before the stage's last
    const view = plans.stages[plans.stageOf(i)], from = i < view.last ? i : i - 1;
    const moving = plan.movingAt[from + 1] - plan.movingAt[from];
    return moving > 0 ? Math.min(1, (plan.hikedAt[from + 1] - plan.hikedAt[from]) / moving) : 0;
  }
  function nights() {
    const found = { x0: [], x1: [] };
    plans.stages.forEach((view, s) => {
      const where = (seconds) => {
        let i = view.first;
        while (i < view.last - 1 && plan.at[i + 1] <= seconds) i++;
        const share = (seconds - plan.at[i]) / Math.max(plan.at[i + 1] - plan.at[i], 1);
        return places.x[i] + Math.min(1, Math.max(0, share)) * (places.x[i + 1] - places.x[i]);
      };
      for (const [from, to] of plan.nights[s] || []) { found.x0.push(where(from)); found.x1.push(where(to)); }
    });
    return found;
  }
  function hikedStrip() {
    const found = { from: [], to: [], share: [] };
    if (!plan.hikedAt.length) return found;
    for (const view of plans.stages)
      for (let i = view.first; i < view.last; i++) {
        const share = Math.round(8 * shareAt(i)) / 8, end = found.to.length - 1;
        if (i > view.first && found.share[end] === share) found.to[end] = places.x[i + 1];
        else { found.from.push(places.x[i]); found.to.push(places.x[i + 1]); found.share.push(share); }
      }
    return found;
  }

  // ---- the cursor --------------------------------------------------------------------------
  const stage = (i) => views.slice(1).find((v) => i <= v.last);
  const figures = (i) => ({ // "" where unknown
    at: units.far(places.at[i] / 10),
    high: places.high[i] === null ? "" : units.high(places.high[i] / 10),
    grade: places.grade[i] === null ? "" : units.number(places.grade[i]),
    hiked: now.hiked[i] === null ? "" : String(now.hiked[i]),
    when: now.when[i],
    window: now.window[i],
  });
  gpxstage.figures = figures;
  const said = (i, { at, high, grade, hiked, when, window } = figures(i)) => [
    [staged && `stage ${stage(i).number}`, `${at} ${units.name("distance")}`, high && `${high} ${units.name("height")}`],
    [grade && `grade ${grade} %`, hiked && `${hiked} % hiked`],
    [when && (clock ? when : `after ${when} h`), now.dark[i] && "dark"],
    [window && `range (80 %): ${window}`],
  ].map((line) => line.filter(Boolean).join(" · ")).filter(Boolean);

  function nearby(i) {
    const here = staged && stage(i), from = here ? places.x[here.first] : -Infinity;
    const name = here ? `Stage ${here.number}, ` : "";
    if (places.x[i] === places.x[(here || views[0]).first]) return here ? `${name}start` : "Start";
    let before = "", after = "";
    for (const [k, x] of marks.at.entries()) {
      if (x <= from) continue;
      if (Math.abs(x - places.x[i]) < 1e-3) return name + marks.name[k];
      if (x < places.x[i]) before = marks.name[k];
      else { after = marks.name[k]; break; }
    }
    if (before && after) return `${name}between ${before} and ${after}`;
    return before ? `${name}after ${before}` : after ? `${name}before ${after}` : name;
  }
  function show(i, pointed = true) {
    slider.value = i;
    const lines = said(i), where = nearby(i), found = figures(i);
    slider.setAttribute("aria-valuetext", [...lines, where].filter(Boolean).join(", "));
    for (const [key, text] of Object.entries(found)) {
      const cell = $(`now-${key}`);
      if (cell) cell.textContent = text || "–";
    }
    $("now-where").textContent = where;
    $("now-dark").textContent = now.dark[i] ? "in the dark" : "";
    for (const [id, x, y] of [["profile", places.x, places.y], ["plan", places.east, places.north]]) {
      const plot = chart(id);
      if (!plot) continue;
      const { start, end } = plot.x_range, { start: low, end: high } = plot.y_range;
      const right = x[i] - start < 0.5 * (end - start), above = y[i] - low < 0.5 * (high - low);
      chart(`${id}-cursor`).data = { x: [x[i]], y: [y[i]] };
      if (!pointed || !roomy(plot)) continue; // what stands between the charts says it
      chart(`${id}-tip`).data = {
        x: [x[i]], y: [y[i]], text: [lines.join("\n")], dx: [right ? 14 : -14],
        anchor: [`${above ? "bottom" : "top"}_${right ? "left" : "right"}`],
      };
    }
  }
  // What has been pointed at says what is true now.
  const showAgain = () => show(Number(slider.value), chart("plan-tip").data.x.length > 0);
  function alongside(x) {
    let low = view.first, high = view.last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (places.x[middle] <= x) low = middle; else high = middle;
    }
    return x - places.x[low] <= places.x[high] - x ? low : high;
  }
  function nearest(x, y) {
    let best = view.first, least = Infinity;
    for (let i = view.first; i <= view.last; i++) {
      const far = (places.east[i] - x) ** 2 + (places.north[i] - y) ** 2;
      if (far < least) { least = far; best = i; }
    }
    return best;
  }

  // A chart finds its size in a few steps: look again until it stays.
  // A table that fits its box is no stop for the keyboard.
  let fitted = "";
  function settle(looks) {
    const sizes = ["profile", "plan"].map(chart).map((p) => p && [p.inner_width, p.inner_height]);
    if (String(sizes) !== fitted) {
      fitted = String(sizes);
      frame();
      for (const box of document.querySelectorAll(".box"))
        box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1;
    }
    if (looks > 0) requestAnimationFrame(() => settle(looks - 1));
  }
  // The slider is the way in for the keyboard: the charts' canvases are none.
  function unfocus(within) {
    for (const each of within.querySelectorAll("*")) {
      if (each.hasAttribute("tabindex")) each.tabIndex = -1;
      if (each.shadowRoot) unfocus(each.shadowRoot);
    }
  }

  // ---- begin -------------------------------------------------------------------------------
  function listen() {
    const follow = { profile: (e) => show(alongside(e.x)), plan: (e) => show(nearest(e.x, e.y)) };
    for (const [id, act] of Object.entries(follow)) {
      const plot = chart(id);
      if (!plot) continue;
      unfocus($(id));
      for (const event of ["mousemove", "tap"]) plot.on_event(event, act);
      for (const side of ["inner_width", "inner_height"])
        plot.properties[side].change.connect(() => settle(2));
    }
    const profile = chart("profile");
    if (profile) {
      let begin = 0;
      profile.on_event("panstart", (e) => { begin = alongside(e.x); });
      for (const event of ["pan", "panend"])
        profile.on_event(event, (e) => gpxstage.range(begin, alongside(e.x)));
    }
    slider.addEventListener("input", () => show(Number(slider.value)));
    for (const choice of document.querySelectorAll("input[name=view]"))
      choice.addEventListener("change", () => {
        view = views[Number(choice.value)];
        slider.min = view.first;
        slider.max = view.last;
        frame();
        show(view.first);
      });
    units.onChange(() => {
      frame();
      showAgain();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
    addEventListener("resize", () => { paint(); settle(30); });
  }
  Bokeh.set_log_level("error");
  Bokeh.embed.embed_items(charts.documents, charts.items).then(() => {
    race = Bokeh.documents[Bokeh.documents.length - 1];
    const profile = chart("profile");
    if (profile) whole.height = [profile.y_range.start, profile.y_range.end];
    paint();
    listen();
    settle(60);
    show(view.first, false);
    if (plan) gpxstage.replan(plan);
    root.classList.add("drawn");
  });
})();
