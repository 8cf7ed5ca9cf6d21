/* Colours, layers and view: what a person chooses to see. Classes are integers on a ladder that moves only when it must. */
(function (room) {
  "use strict";
  const m = room.map;

  const FIGURES = { open: [0, "在办"], overdue: [1, "超时"], today: [2, "今日受理"] };
  const LADDERS = [[1, 2, 3, 4], [1, 2, 4, 6], [1, 3, 5, 8], [1, 4, 7, 10], [1, 5, 9, 14], [1, 6, 12, 20], [1, 10, 20, 30], [1, 20, 40, 60], [1, 50, 100, 150], [1, 100, 200, 400], [1, 500, 1000, 2000]];
  let ladder = LADDERS[0];

  function classOf(value) { let at = 0; while (at < 4 && value >= ladder[at]) at++; return at; }

  function chooseLadder() {
    const values = Object.keys(m.state.counts).filter((code) => m.names.inner.has(code) || (m.state.level === 0 && m.names.outer.has(code)));
    const sorted = values.map((code) => m.state.counts[code][FIGURES[m.state.figure][0]]).sort((a, b) => a - b);
    const high = sorted[Math.floor(sorted.length * 0.9)] || 0;         // about a tenth of the grids end in the top class
    if (high <= ladder[3] * 1.25 && high >= ladder[3] * 0.6) return;   // colours keep their meaning while they fit
    ladder = LADDERS.find((steps) => high <= steps[3]) || LADDERS[LADDERS.length - 1];
  }

  function hideout() {
    chooseLadder();
    const classes = {};
    for (const [code, row] of Object.entries(m.state.counts)) { const at = classOf(row[FIGURES[m.state.figure][0]]); if (at) classes[code] = at; }
    return { classes: m.state.heat ? {} : classes, level: m.state.level, focus: m.state.config.focus || [] };
  }

  let sentHideout = "";
  function recolour() {
    if (!m.state.layer) return;        // the first polygons will ask again
    const next = hideout(), text = JSON.stringify(next);
    drawLegend();
    if (text === sentHideout) return;
    if (room.firstPicture && room.firstPicture.recolour(next, text)) return;      // Dash does not know the layer yet
    try { window.dash_clientside.set_props("grid-fill", { hideout: next }); sentHideout = text; } catch (notYet) { setTimeout(recolour, 200); }
  }

  function fillStyle(feature, context) {
    const told = (context && context.hideout) || {}, code = feature.properties.code, at = (told.classes || {})[code] || 0;
    const outside = told.focus && told.focus.length && !told.focus.includes(code);
    return { fillColor: m.token("step-" + at), fillOpacity: outside ? 0.25 : 1, color: m.token("line"), weight: m.unit() / 16, opacity: 1, className: "grid-cell" };
  }

  function outlineStyle() { return { fill: false, color: m.token("edge"), weight: m.unit() / 8, opacity: 0.9, interactive: false, className: "grid-outline" }; }

  function takeKpi(message) {
    if (message.type === "snapshot") m.state.counts = { ...message.data.grids };
    else { Object.assign(m.state.counts, message.data.put.grids); message.data.gone.forEach((code) => delete m.state.counts[code]); }
    recolour();
  }

  function drawLegend() {
    const box = document.getElementById("choropleth-legend");
    if (!box) return;
    const ends = ladder.map((from, at) => (at === 3 ? "≥ " + from : ladder[at + 1] - 1 === from ? String(from) : from + "–" + (ladder[at + 1] - 1)));
    const words = ["0", ...ends].map((word, at) => '<span><i style="background:' + m.token("step-" + at) + '"></i>' + word + "</span>");
    box.innerHTML = m.state.heat ? HEAT_WORDS : "<b>" + FIGURES[m.state.figure][1] + "（件／格）</b>" + words.join("");
  }

  function setLevel(level) {
    const count = (m.state.config.levels || []).length;
    if (level < 0 || level >= count || level === m.state.level) return;
    m.state.level = level;
    sentHideout = "";
    window.dash_clientside.set_props("grid-fill", { url: "/map/grids/" + level + ".geojson" });
    mark();
    recolour();
  }

  function setFigure(figure) { m.state.figure = figure; mark(); recolour(); }

  function toggle(name) {
    m.state.show[name] = !m.state.show[name];
    mark();
    m.redraw(true);
  }

  const HEAT_EVERY_MS = 30000;
  function heatUrl() { return "/map/heat.png?v=" + Math.floor(Date.now() / HEAT_EVERY_MS); }

  /* The server says where its picture lies; asked once, when heat is first wanted. */
  async function showHeat() {
    m.state.heat = L.imageOverlay(heatUrl(), m.state.config.bounds, { pane: "heat", opacity: 0.85 });
    const answer = await fetch("/map/heat.json");
    if (answer.ok && m.state.heat) m.state.heat.setBounds((await answer.json()).bounds);
    if (m.state.heat) m.state.heat.addTo(m.state.map);
  }

  /* Heat and choropleth share the blues: while one is shown the other rests. */
  const HEAT_WORDS = "<b>热力</b><span>近 30 天上报密度，亮处多</span>";

  function toggleHeat() {
    if (m.state.heat) { m.state.heat.remove(); m.state.heat = null; }
    else showHeat();
    mark();
    recolour();
  }

  setInterval(() => m.state.heat && m.state.heat.setUrl(heatUrl()), HEAT_EVERY_MS);

  function mark() {
    const press = (selector, on) => document.querySelectorAll(selector).forEach((e) => e.setAttribute("aria-pressed", String(on)));
    (m.state.config.levels || []).forEach((_, at) => press('[data-level-button="' + at + '"]', at === m.state.level));
    for (const name of Object.keys(FIGURES)) press('[data-figure="' + name + '"]', name === m.state.figure);
    for (const name of Object.keys(m.state.show)) press('[data-layer="' + name + '"]', m.state.show[name]);
    press("#grid-heat", Boolean(m.state.heat));
  }

  function fit() { if (m.state.config.bounds) m.state.map.fitBounds(m.state.config.bounds, { animate: false, padding: [12, 12] }); }

  /* Until a person moves the map it shows its whole area, whatever the size of its place; data never move it. */
  function keepFitted(map) {
    let touched = false;
    for (const event of ["mousedown", "wheel", "keydown", "touchstart"]) map.getContainer().addEventListener(event, () => { touched = true; }, { passive: true });
    document.addEventListener("click", (event) => { if (event.target.closest && event.target.closest("[data-fit]")) touched = false; });
    const watch = new ResizeObserver(() => {
      map.invalidateSize({ pan: false, animate: false });
      if (!touched && m.state.map === map) fit();
    });
    watch.observe(map.getContainer());
    map.on("unload", () => watch.disconnect());
  }

  room.live.on("kpi", takeKpi);

  document.addEventListener("click", (event) => {
    const e = event.target.closest && event.target.closest("[data-level-button],[data-figure],[data-layer],#grid-heat,[data-fit]");
    if (!e) return;
    if (e.dataset.levelButton) setLevel(Number(e.dataset.levelButton));
    else if (e.dataset.figure) setFigure(e.dataset.figure);
    else if (e.dataset.layer) toggle(e.dataset.layer);
    else if (e.id === "grid-heat") toggleHeat();
    else fit();
  });

  Object.assign(m, { fillStyle, outlineStyle, recolour, drawLegend, setLevel, setFigure, toggle, toggleHeat, mark, fit, keepFitted });
})(window.room = window.room || {});
