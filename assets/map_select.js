/* Drawing on the map: a box or a lasso asks the server for the cases inside; a line is measured on the globe. */
(function (room) {
  "use strict";
  const m = room.map;
  const EARTH_M = 6371008.8;       // mean radius, as geo/distance.py
  const MOST_CORNERS = 96;         // a lasso is thinned to this many before it is asked for
  const TOOLS = { box: "框选", lasso: "圈选", measure: "测距" };

  let tool = "", points = [], held = false, ended = false;

  /* Metres along the great circle between [lon, lat] places. */
  function metres([lon1, lat1], [lon2, lat2]) {
    const rad = Math.PI / 180, half = (a, b) => Math.sin(((b - a) * rad) / 2) ** 2;
    return 2 * EARTH_M * Math.asin(Math.sqrt(half(lat1, lat2) + Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * half(lon1, lon2)));
  }

  const lengthOf = (line) => line.slice(1).reduce((sum, place, at) => sum + metres(line[at], place), 0);
  const metreWords = (long) => (long < 1000 ? Math.round(long) + " 米" : (long / 1000).toFixed(long < 10000 ? 2 : 1) + " 公里");

  function take(name) {
    tool = tool === name ? "" : name;
    points = [];
    ended = false;
    const { map } = m.state;
    tool ? map.dragging.disable() : map.dragging.enable();
    map.getContainer().toggleAttribute("data-drawing", Boolean(tool));
    m.card.hidden = true;
    if (!tool) tell("");
    else tell(tool === "measure" ? "逐点单击，双击或回车结束" : "按住拖动" + TOOLS[tool] + "，松开列出案件");
    m.mark();
    m.redraw(true);
  }

  const placeOf = (event) => { const at = m.state.map.mouseEventToLatLng(event); return [at.lng, at.lat]; };

  function down(event) {
    if (!tool || event.button) return;
    if (tool === "measure") return;
    held = true;
    ended = false;
    points = [placeOf(event)];
  }

  function move(event) {
    if (!held) return;
    if (tool === "box") points = [points[0], placeOf(event)];
    else points.push(placeOf(event));
    m.redraw(true);
  }

  function up() {
    if (!held) return;
    held = false;
    ended = true;
    const ring = ringOf();
    if (ring.length >= 3) ask(ring);
  }

  function clicked(event) {
    if (tool !== "measure" || event.target.closest("button,a,.map-told")) return;
    if (ended) { points = []; ended = false; }
    points.push(placeOf(event));
    tell(points.length < 2 ? "起点已定，继续单击" : "全长 " + metreWords(lengthOf(points)) + " · " + (points.length - 1) + " 段");
    m.redraw(true);
  }

  function ringOf() {
    if (tool !== "box") return thinned(points);
    const [[west, north], [east, south]] = points.length > 1 ? points : [points[0], points[0]];
    return west === east || north === south ? [] : [[west, north], [east, north], [east, south], [west, south]];
  }

  function thinned(line) {
    const step = Math.max(1, Math.ceil(line.length / MOST_CORNERS));
    return line.filter((_, at) => at % step === 0);
  }

  const ringWords = (ring) => ring.map(([lon, lat]) => lon.toFixed(5) + "," + lat.toFixed(5)).join(";");

  async function ask(ring) {
    tell("正在查询……");
    let answer;
    try { answer = await fetch("/map/cases?ring=" + encodeURIComponent(ringWords(ring))); } catch (gone) { return tell("没有查到：连不上服务器"); }
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) return tell("没有查到：" + ((told.error && told.error.msg) || told.msg || "服务器没有回答"));
    list(told, ring);
  }

  /* What a drawing says: one line, or the cases inside it. */
  const box = document.createElement("div");
  box.className = "map-told";
  box.setAttribute("role", "status");
  box.hidden = true;

  function tell(words) { box.hidden = !words; box.textContent = words; }

  const STANDING = { overdue: "超时", at_risk: "将超时", on_time: "时限内" };

  function list({ items, total, overdue }, ring) {
    const head = document.createElement("b"), rows = document.createElement("ol"), cell = document.createElement("a");
    cell.href = "/lasso?shape=" + encodeURIComponent(ringWords(ring));
    cell.textContent = "研判这个范围";
    head.textContent = total ? "范围内在办 " + total + " 件 · 超时 " + overdue + " 件" + (items.length < total ? " · 列出最急 " + items.length + " 件" : "") : "范围内没有在办案件";
    for (const row of items) {
      const line = rows.appendChild(document.createElement("li")), open = line.appendChild(document.createElement("button"));
      open.dataset.standing = row.standing;
      open.textContent = STANDING[row.standing] + " · " + row.title;
      open.addEventListener("click", () => { room.choose(row.case); m.point(row.case); });
    }
    box.replaceChildren(head, " ", cell, rows);
    box.hidden = false;
  }

  function paint(pen, f) {
    if (!tool || !points.length) return;
    const line = tool === "box" ? ringOf() : points, u = m.unit();
    pen.beginPath();
    line.forEach(([lon, lat], at) => pen[at ? "lineTo" : "moveTo"](m.worldX(lon) * f.scale - f.dx, m.worldY(lat) * f.scale - f.dy));
    if (tool !== "measure") { pen.closePath(); pen.globalAlpha = 0.12; pen.fillStyle = m.token("act"); pen.fill(); pen.globalAlpha = 1; }
    pen.lineWidth = u * 0.14;
    pen.strokeStyle = m.token("act");
    pen.stroke();
    if (tool === "measure") paintLengths(pen, f, u);
  }

  function paintLengths(pen, f, u) {
    pen.font = "600 " + u + "px " + m.family();
    pen.textAlign = "left";
    pen.textBaseline = "bottom";
    points.forEach(([lon, lat], at) => {
      const px = m.worldX(lon) * f.scale - f.dx, py = m.worldY(lat) * f.scale - f.dy;
      pen.beginPath();
      pen.arc(px, py, u * 0.22, 0, 7);
      pen.fillStyle = m.token("act");
      pen.fill();
      if (at) m.haloText(pen, metreWords(lengthOf(points.slice(0, at + 1))), px + u * 0.5, py - u * 0.2);
    });
  }

  function finish() { if (tool === "measure" && points.length) ended = true; }

  /* Before a page's own hearers: Escape first puts the pencil down. */
  function key(event) {
    if (!tool || event.target.matches("input,textarea,select")) return;
    if (event.key === "Escape") { event.stopImmediatePropagation(); take(""); }
    else if (event.key === "Enter" && tool === "measure") { event.stopImmediatePropagation(); finish(); }
  }

  function bind(map) {
    const home = map.getContainer();
    home.appendChild(box);
    home.addEventListener("mousedown", down);
    home.addEventListener("click", clicked);
    home.addEventListener("dblclick", (event) => { if (tool) { event.stopPropagation(); finish(); } }, true);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
  }

  window.addEventListener("mousemove", move);
  window.addEventListener("mouseup", up);
  document.addEventListener("keydown", key, true);
  document.addEventListener("click", (event) => { const e = event.target.closest && event.target.closest("[data-tool]"); if (e) take(e.dataset.tool); });

  m.overlays.push(paint);
  Object.assign(m, { bindTools: bind, takeTool: take, tool: () => tool, isDrawing: () => Boolean(tool), metres, metreWords, askRing: ask });
})(window.room = window.room || {});
