/* Names of grids: never over one another nor over what needs a person; a name keeps its place while it can. */
(function (room) {
  "use strict";
  const m = room.map;

  const names = { outer: new Map(), inner: new Map() };     // code → {name, x, y, width (world units)}
  let labels = [];
  const before = new Map();

  /* dash-leaflet calls this for each polygon it draws; a book holds one level. */
  function learnName(kind, feature) {
    const book = names[kind], p = feature.properties || {}, box = boxOf(feature.geometry);
    if (book.level !== p.level) { book.clear(); book.level = p.level; }
    const [lon, lat] = p.label || [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    book.set(p.code, { code: p.code, name: p.name, x: m.worldX(lon), y: m.worldY(lat), width: m.worldX(box[2]) - m.worldX(box[0]), households: p.households });
    if (kind === "inner" && !recolouring) recolouring = setTimeout(() => { recolouring = 0; m.recolour(); });
    m.redraw(true);
  }

  let recolouring = 0;
  function learnOutline(feature) { learnName("outer", feature); }

  function boxOf(geometry) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    (function walk(part) {
      if (typeof part[0] === "number") {
        box[0] = Math.min(box[0], part[0]); box[1] = Math.min(box[1], part[1]);
        box[2] = Math.max(box[2], part[0]); box[3] = Math.max(box[3], part[1]);
      } else part.forEach(walk);
    })(geometry.coordinates);
    return box;
  }

  const overlaps = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

  function placeLabels(f) {
    labels = [];
    const u = m.unit(), taken = obstacles(f), people = crowd(f), pen = m.state.layer._pen, same = m.state.level === 0;
    const wishes = [...names.outer.values()].map((n) => ({ n, big: true, size: u * 1.25 }));
    if (!same) for (const n of names.inner.values()) if (n.width * f.scale > u * n.name.length * 1.15) wishes.push({ n, big: false, size: u });
    for (const wish of wishes) {
      pen.font = (wish.big ? "600 " : "400 ") + wish.size + "px " + m.family();
      const width = pen.measureText(wish.n.name).width, height = wish.size * 1.15;
      const x = wish.n.x * f.scale - f.dx, y = wish.n.y * f.scale - f.dy;
      if (x < -width || y < -height || x > f.width + width || y > f.height + height) continue;
      const key = wish.big + wish.n.code, spot = freeSpot(x, y, width, height, taken, before.get(key) || 0, wish.big, people);
      if (!spot) continue;
      before.set(key, spot.which);
      taken.push(spot.box);
      labels.push({ name: wish.n.name, big: wish.big, size: wish.size, x: spot.x, y: spot.y, box: spot.box });
    }
  }

  const SPOTS = [[0, 0], [0, -1.1], [0, 1.1], [0.6, -0.6], [-0.6, 0.6], [-0.6, -0.6], [0.6, 0.6], [0, -2], [0, 2]];

  function freeSpot(x, y, width, height, taken, last, big, people) {
    let best = null;
    for (const which of [last, ...SPOTS.keys()]) {
      if (!big && which > 2) continue;
      const cx = x + SPOTS[which][0] * width, cy = y + SPOTS[which][1] * height;
      const box = [cx - width / 2 - 3, cy - height / 2 - 1, cx + width / 2 + 3, cy + height / 2 + 1];
      if (taken.some((other) => overlaps(box, other))) continue;
      const hidden = people.filter(([px, py]) => px > box[0] && px < box[2] && py > box[1] && py < box[3]).length;
      if (!best || hidden < best.hidden) best = { x: cx, y: cy, box, which, hidden };
      if (!hidden) break;
    }
    if (best && !big && best.hidden > 1) return null;     // a small name is not worth two hidden cases
    return best;
  }

  const MOST_PEOPLE = 400;         // among more than that nobody could be spared

  /* What names should rather not hide, calm cases and people, as far as they can. */
  function crowd(f) {
    const places = [], { incidents: c, workers: w } = m;
    if (m.state.show.incidents && c.count <= MOST_PEOPLE) for (let i = 0; i < c.size; i++) if (c.here[i] && c.rank[i] < m.CALM) places.push([c.x[i] * f.scale - f.dx, c.y[i] * f.scale - f.dy]);
    if (m.state.show.workers && w.count <= MOST_PEOPLE) for (let i = 0; i < w.size; i++) if (w.here[i]) places.push([w.x[i] * f.scale - f.dx, w.y[i] * f.scale - f.dy]);
    return places;
  }

  function obstacles(f) {
    const boxes = [];
    const around = (x, y, r) => boxes.push([x - r, y - r, x + r, y + r]);
    if (m.state.show.incidents) incidentObstacles(f, around);
    if (m.state.show.alerts) for (const a of m.placedAlerts()) {
      const px = m.worldX(a.lon) * f.scale - f.dx, py = m.worldY(a.lat) * f.scale - f.dy;
      around(px, py, m.unit() * 1.1);
      if (m.isCalling(a) && m.inSight(px, py)) { const box = m.callout(m.state.layer._pen, a, px, py); boxes.push([box.x, box.y, box.x + box.width, box.y + box.height]); }
    }
    return boxes;
  }

  /* What needs a person; where cases are gathered, the bubbles. */
  function incidentObstacles(f, around) {
    const gathered = m.bubblesOf(f), c = m.incidents, u = m.unit();
    if (gathered) for (const b of gathered.bubbles) if (b.count > m.BUBBLE_FROM) around(b.x * f.scale - f.dx, b.y * f.scale - f.dy, m.bubbleRadius(b.count) * u);
    if (gathered) return;
    for (let i = 0; i < c.size; i++) {
      if (!c.here[i] || c.rank[i] < m.CALM) continue;
      const px = c.x[i] * f.scale - f.dx, py = c.y[i] * f.scale - f.dy;
      if (px > 0 && py > 0 && px < f.width && py < f.height) around(px, py, m.sizeOf(4 - (c.rank[i] % 4)) * 2);
    }
  }

  function paintLabels(pen) {
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    for (const label of labels) {
      pen.font = (label.big ? "600 " : "400 ") + label.size + "px " + m.family();
      haloText(pen, label.name, label.x, label.y, label.big ? "text" : "second");
    }
  }

  /* Words with the ground round them, so that they are read on any colour. */
  function haloText(pen, words, x, y, colour = "text") {
    pen.lineJoin = "round";
    pen.lineWidth = m.unit() * 0.28;
    pen.strokeStyle = m.token("ground");
    pen.strokeText(words, x, y);
    pen.fillStyle = m.token(colour);
    pen.fillText(words, x, y);
  }

  /* A view that is begun anew places names by what is there now, not by what there was while it was filling. */
  function placeNamesAnew() { before.clear(); m.redraw(true); }

  Object.assign(m, { names, learnName, learnOutline, placeLabels, placeNamesAnew, paintLabels, haloText, labels: () => labels });
})(window.room = window.room || {});
