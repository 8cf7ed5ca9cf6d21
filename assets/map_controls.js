/* Colours, layers and view: what a person chooses to see; the legend says how the colours were made. */
(function (room) {
  "use strict";
  const m = room.map;

  const perThousand = (row, name) => (name.households > 0 ? (row[0] / name.households) * 1000 : null);
  const FIGURES = {
    open: ["在办", "件／格", (row) => row[0]],
    overdue: ["超时", "件／格", (row) => row[1]],
    today: ["今日受理", "件／格", (row) => row[2]],
    rate: ["在办率", "件／千户", perThousand],
  };
  const METHODS = { steps: "整数级", quantile: "等格数", natural: "自然断点" };
  const NONE = [0, 0, 0];
  const EDGE = 12;                 // pixels left free around the area

  let least = null;                // of each class; colours keep their meaning while it fits

  const shownGrids = () => (m.state.level === 0 ? m.names.outer : m.names.inner);

  /* What each grid shown is worth; null where the figure has no base, which is not nothing. */
  function values() {
    const worth = FIGURES[m.state.figure][2], found = new Map();
    for (const [code, name] of shownGrids()) if (!isOutside(code)) found.set(code, worth(m.state.counts[code] || NONE, name));
    return found;
  }

  const isOutside = (code) => { const focus = m.state.config.focus || []; return focus.length > 0 && !focus.includes(code); };
  const known = (found) => [...found.values()].filter((value) => value !== null);

  function hideout(found) {
    least = m.classes[m.state.method](known(found), m.state.method === "steps" ? least : null);
    const classes = {};
    for (const [code, value] of found) { const at = value === null ? -1 : m.classes.classOf(value, least); if (at) classes[code] = at; }
    return { classes: m.state.heat ? {} : classes, level: m.state.level, focus: m.state.config.focus || [] };
  }

  let sentHideout = "", painted = {};
  function recolour() {
    if (!m.state.layer) return;        // the first polygons will ask again
    const found = values(), next = hideout(found), text = JSON.stringify(next);
    drawLegend(found);
    if (text === sentHideout) return;
    if (room.firstPicture && room.firstPicture.recolour(next, text)) return;      // Dash does not know the layer yet
    try { window.dash_clientside.set_props("grid-fill", { hideout: next }); sentHideout = text; setTimeout(assure, 1000, next, 20); } catch (notYet) { setTimeout(recolour, 200); }
  }

  /* Dash drops a wish that comes while its layer is being made: said again until the polygons are painted by it. */
  function assure(wish, tries) {
    if (!tries || JSON.stringify(wish) !== sentHideout || JSON.stringify(painted.classes) === JSON.stringify(wish.classes)) return;
    window.dash_clientside.set_props("grid-fill", { hideout: { ...wish, again: tries } });
    setTimeout(assure, 1000, wish, tries - 1);
  }

  function fillStyle(feature, context) {
    const told = painted = (context && context.hideout) || {}, code = feature.properties.code, at = (told.classes || {})[code] || 0;
    const outside = told.focus && told.focus.length && !told.focus.includes(code);
    const opacity = at < 0 ? 0 : outside ? 0.25 : m.hasBase && m.hasBase() ? 0.45 : 1;
    return { fillColor: m.token("step-" + Math.max(0, at)), fillOpacity: opacity, color: m.token("line"), weight: m.unit() / 16, opacity: 1, className: "grid-cell" };
  }

  function outlineStyle() { return { fill: false, color: m.token("edge"), weight: m.unit() / 8, opacity: 0.9, interactive: false, className: "grid-outline" }; }

  /* The legend ------------------------------------------------------------------------------------------------ */

  const round = (value) => (Number.isInteger(value) ? String(value) : value < 10 ? value.toFixed(1) : value.toFixed(0));

  function classWords(at, isWhole) {
    if (at === 0) return "0";
    if (least[at - 1] === Infinity) return "";
    const from = round(least[at - 1]), next = least.slice(at).find((value) => value > least[at - 1]);
    if (next === undefined || next === Infinity) return "≥ " + from;
    if (!isWhole) return from + "–" + round(next);
    return next - 1 <= least[at - 1] ? from : from + "–" + round(next - 1);
  }

  function drawLegend(found = values()) {
    const box = document.getElementById("choropleth-legend");
    if (!box || !least) return;
    const text = m.state.heat ? m.heatLegend() : choropleth(found);
    if (box.innerHTML !== text && box.legendText !== text) { box.innerHTML = text; box.legendText = text; }
  }

  function choropleth(found) {
    const [title, unit] = FIGURES[m.state.figure], given = known(found), counts = m.classes.tally(given, least), missing = found.size - given.length;
    const isWhole = m.state.figure !== "rate";
    const entry = (colour, words, n) => '<span><i style="background:' + colour + '"></i>' + words + "<small>" + n + " 格</small></span>";
    const classes = counts.map((n, at) => { const words = classWords(at, isWhole); return words && !(n === 0 && at > 1 && least[at - 1] === least[at - 2]) ? entry(m.token("step-" + at), words, n) : ""; });
    const ties = least.some((value, at) => at > 0 && value !== Infinity && value === least[at - 1]);
    return "<b>" + title + "（" + unit + "）</b><button data-method=\"1\" title=\"换一种分级\">" + METHODS[m.state.method] + "</button>" + classes.join("") +
      (missing ? '<span><i class="no-base"></i>无户数<small>' + missing + " 格</small></span>" : "") + (ties ? "<small>有并列值，不足四级</small>" : "");
  }

  function nextMethod() {
    const names = Object.keys(METHODS);
    m.state.method = names[(names.indexOf(m.state.method) + 1) % names.length];
    least = null;
    recolour();
  }

  /* Choosing -------------------------------------------------------------------------------------------------- */

  function setLevel(level) {
    const count = (m.state.config.levels || []).length;
    if (level < 0 || level >= count || level === m.state.level) return;
    m.state.level = level;
    sentHideout = "";
    least = null;
    window.dash_clientside.set_props("grid-fill", { url: "/map/grids/" + level + ".geojson" });
    mark();
    recolour();
  }

  function setFigure(figure) {
    if (!(figure in FIGURES)) return;
    m.state.figure = figure;
    least = null;
    mark();
    recolour();
  }

  function toggle(name) {
    m.state.show[name] = !m.state.show[name];
    mark();
    if (m.showLandmarks) m.showLandmarks(name);
    if (name === "base") m.showBase();
    m.redraw(true);
  }

  function mark() {
    const press = (selector, on) => document.querySelectorAll(selector).forEach((e) => e.setAttribute("aria-pressed", String(on)));
    (m.state.config.levels || []).forEach((_, at) => press('[data-level-button="' + at + '"]', at === m.state.level));
    for (const name of Object.keys(FIGURES)) press('[data-figure="' + name + '"]', name === m.state.figure);
    for (const name of Object.keys(m.state.show)) press('[data-layer="' + name + '"]', m.state.show[name]);
    for (const name of ["box", "lasso", "measure"]) press('[data-tool="' + name + '"]', name === m.tool());
    press("#grid-heat", Boolean(m.state.heat));
    for (const e of document.querySelectorAll(".heat-choices")) e.hidden = !m.state.heat;
  }

  function fit() {
    const place = m.state.map.getContainer(), hasRoom = Math.min(place.clientWidth, place.clientHeight) > 2 * EDGE;   // else there is no zoom that fits
    if (m.state.config.bounds && hasRoom) m.state.map.fitBounds(m.state.config.bounds, { animate: false, padding: [EDGE, EDGE] });
    m.placeNamesAnew();
  }

  /* Until a person moves the map it shows its whole area, whatever the size of its place; data never move it.
     `keepView` says that the view it has now is a person's: of a reload, of a command. */
  let touched = false;
  function keepFitted(map) {
    touched = false;
    for (const event of ["mousedown", "wheel", "keydown", "touchstart"]) map.getContainer().addEventListener(event, () => { touched = true; }, { passive: true });
    document.addEventListener("click", (event) => { if (event.target.closest && event.target.closest("[data-fit]")) touched = false; });
    const watch = new ResizeObserver(() => {
      if (!map.getContainer().clientWidth || !map.getContainer().clientHeight) return;   // on paper, or unseen: a map of no size has no middle
      map.invalidateSize({ pan: false, animate: false });
      if (!touched && m.state.map === map) fit();
    });
    watch.observe(map.getContainer());
    map.on("unload", () => watch.disconnect());
  }

  document.addEventListener("click", (event) => {
    const e = event.target.closest && event.target.closest("[data-level-button],[data-figure],[data-layer],[data-method],#grid-heat,[data-fit],[data-export],[data-print]");
    if (!e) return;
    if (e.dataset.levelButton) setLevel(Number(e.dataset.levelButton));
    else if (e.dataset.figure) setFigure(e.dataset.figure);
    else if (e.dataset.layer) toggle(e.dataset.layer);
    else if (e.dataset.method) nextMethod();
    else if (e.dataset.export) m.exportPicture();
    else if (e.dataset.print) m.printPicture();
    else if (e.id === "grid-heat") m.toggleHeat();
    else fit();
  });

  Object.assign(m, { fillStyle, outlineStyle, recolour, drawLegend, setLevel, setFigure, toggle, mark, fit, keepFitted, isTouched: () => touched, keepView: () => { touched = true; } });
})(window.room = window.room || {});
