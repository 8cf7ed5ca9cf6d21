/* Incidents as columns: put and taken in any order, painted calm first, gathered into bubbles where there are too many. */
(function (room) {
  "use strict";
  const m = room.map;
  const STANDINGS = ["on_time", "at_risk", "overdue"];
  const CALM = 3;                  // ranks below need nobody now: in time and not 特急
  const GRAVEST = 11;              // 特急 and overdue: never inside a bubble
  const CROWDED = [600, 900];      // that many in sight are symbols again, or become bubbles
  const CELL_UNITS = 3.6;          // a bubble's cell is this wide at least, twice as wide at most
  const ALONE = 3;                 // so few in a cell stay symbols
  const FINEST = 512;              // cells a side: closer than this, symbols are drawn however many there are

  function columns() {
    return { size: 0, count: 0, changes: 0, x: new Float64Array(1024), y: new Float64Array(1024), here: new Uint8Array(1024), rank: new Uint8Array(1024), numbers: [], categories: [], slots: new Map(), free: [], index: null };
  }

  function grow(c) {
    for (const name of ["x", "y", "here", "rank"]) { const grown = new c[name].constructor(c[name].length * 2); grown.set(c[name]); c[name] = grown; }
  }

  function slotFor(c, number) {
    const known = c.slots.get(number);
    if (known !== undefined) return known;
    const slot = c.free.length ? c.free.pop() : c.size++;
    if (slot >= c.x.length) grow(c);
    c.slots.set(number, slot);
    c.count++;
    return slot;
  }

  function put(c, [number, lon, lat, category, severity, standing]) {
    const i = slotFor(c, number);
    c.x[i] = m.worldX(lon);
    c.y[i] = m.worldY(lat);
    c.here[i] = 1;
    c.rank[i] = STANDINGS.indexOf(standing) * 4 + 4 - severity;
    c.numbers[i] = number;
    c.categories[i] = category;
    c.changes++;
  }

  function take(c, number) {
    const i = c.slots.get(number);
    if (i === undefined) return;
    c.slots.delete(number);
    c.here[i] = 0;
    c.free.push(i);
    c.count--;
    c.changes++;
  }

  function clear(c) { Object.assign(c, { size: 0, count: 0, changes: c.changes + 1, numbers: [], categories: [], free: [] }); c.slots.clear(); c.here.fill(0); }

  /* Slots from calm to urgent, so that what is late lies on top: a counting sort, made anew only after a change. */
  function order(c) {
    if (c.orderedAt === c.changes) return c.ordered;
    const starts = new Uint32Array(14), sorted = new Uint32Array(c.count);
    for (let i = 0; i < c.size; i++) if (c.here[i]) starts[c.rank[i] + 1]++;
    for (let rank = 0; rank < 13; rank++) starts[rank + 1] += starts[rank];
    for (let i = 0; i < c.size; i++) if (c.here[i]) sorted[starts[c.rank[i]]++] = i;
    c.orderedAt = c.changes;
    return (c.ordered = sorted);
  }

  /* One incident as its words need it; null when it is gone. */
  function incident(number) {
    const c = m.incidents, i = c.slots.get(number);
    if (i === undefined) return null;
    return { x: c.x[i], y: c.y[i], category: c.categories[i], severity: 4 - (c.rank[i] % 4), standing: STANDINGS[c.rank[i] >> 2] };
  }

  /* Bubbles: every cell of a power-of-two lattice with more than a few incidents. Whole lattice, once a change and scale. */
  function gather(c, step) {
    if (c.gathered && c.gathered.step === step && c.gathered.changes === c.changes) return c.gathered;
    const cells = new Map(), of = new Int32Array(c.size), bubbles = [];
    for (let i = 0; i < c.size; i++) {
      of[i] = -1;
      if (!c.here[i] || c.rank[i] === GRAVEST) continue;
      const key = Math.floor(c.x[i] * step) * step + Math.floor(c.y[i] * step);
      let at = cells.get(key);
      if (at === undefined) { cells.set(key, (at = bubbles.length)); bubbles.push({ x: 0, y: 0, count: 0, standings: [0, 0, 0], urgent: 0, first: i }); }
      const bubble = bubbles[at];
      of[i] = at;
      bubble.x += c.x[i];
      bubble.y += c.y[i];
      bubble.count++;
      bubble.standings[c.rank[i] >> 2]++;
      if (c.rank[i] % 4 === 3) bubble.urgent++;
    }
    for (const bubble of bubbles) settle(bubble, step);
    return (c.gathered = { step, changes: c.changes, of, bubbles });
  }

  /* In the middle of its members, but far enough inside its cell that two bubbles never touch. */
  function settle(bubble, step) {
    const keep = radius(bubble.count) / CELL_UNITS, at = (sum) => {
      const place = (sum / bubble.count) * step, cell = Math.floor(place);
      return (cell + Math.min(Math.max(place - cell, keep), 1 - keep)) / step;
    };
    bubble.x = at(bubble.x);
    bubble.y = at(bubble.y);
  }

  const radius = (count) => Math.min(1.75, 0.9 + 0.25 * Math.log10(count));      // in type units

  let crowded = false, asked = { of: null };
  /* The bubbles of this view, or null where symbols can still be told apart; asked often, answered once a view and change. */
  function bubblesOf(f) {
    const c = m.incidents;
    if (asked.of === c && asked.changes === c.changes && asked.scale === f.scale && asked.dx === f.dx && asked.dy === f.dy) return asked.found;
    asked = { of: c, changes: c.changes, scale: f.scale, dx: f.dx, dy: f.dy, found: gatherFor(c, f) };
    return asked.found;
  }

  function gatherFor(c, f) {
    crowded = m.seenAtLeast(c, f, CROWDED[crowded ? 0 : 1]);
    if (!crowded) return null;
    const step = 2 ** Math.floor(Math.log2(f.scale / (m.unit() * CELL_UNITS)));
    return spanOf(c) * step > FINEST ? null : gather(c, step);
  }

  function spanOf(c) {
    if (c.spannedAt === c.changes) return c.span;
    let west = Infinity, east = -Infinity;
    for (let i = 0; i < c.size; i++) if (c.here[i]) { if (c.x[i] < west) west = c.x[i]; if (c.x[i] > east) east = c.x[i]; }
    c.spannedAt = c.changes;
    return (c.span = east - west);
  }

  /* Symbols in the order of need. Calm ones lie under the names, what needs a person above them. */
  function paintIncidents(pen, f, calm) {
    const c = m.incidents, gathered = bubblesOf(f), margin = m.unit() * 2;
    for (const i of order(c)) {
      if ((c.rank[i] < CALM) !== calm) continue;
      if (gathered && gathered.of[i] >= 0 && gathered.bubbles[gathered.of[i]].count > ALONE) continue;
      const px = c.x[i] * f.scale - f.dx, py = c.y[i] * f.scale - f.dy;
      if (px < -margin || py < -margin || px > f.width + margin || py > f.height + margin) continue;
      m.stampAt(pen, m.incidentSprite(c.categories[i], 4 - (c.rank[i] % 4), STANDINGS[c.rank[i] >> 2]), px, py);
    }
    if (gathered && calm) for (const bubble of gathered.bubbles) if (bubble.count > ALONE) paintBubble(pen, f, bubble);
  }

  /* How many, and round it how they stand: each light's share of the ring. 特急 inside are said by a notch above. */
  function paintBubble(pen, f, bubble) {
    const u = m.unit(), r = radius(bubble.count) * u, px = bubble.x * f.scale - f.dx, py = bubble.y * f.scale - f.dy;
    if (px < -r || py < -r || px > f.width + r || py > f.height + r) return;
    pen.beginPath();
    pen.arc(px, py, r, 0, 7);
    pen.fillStyle = m.token("ground");
    pen.fill();
    let from = -Math.PI / 2;
    pen.lineWidth = u * 0.2;
    for (const [at, name] of [[2, "late"], [1, "near"], [0, "fine"]]) {
      const to = from + (bubble.standings[at] / bubble.count) * 2 * Math.PI;
      if (to === from) continue;
      pen.beginPath();
      pen.arc(px, py, r - u * 0.1, from, to);
      pen.strokeStyle = m.token(name);
      pen.stroke();
      from = to;
    }
    pen.font = "600 " + u + "px " + m.family();
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = m.token("text");
    pen.fillText(countWords(bubble.count), px, py + u * 0.06);
    if (bubble.urgent) { pen.fillRect(px - u * 0.22, py - r - u * 0.12, u * 0.44, u * 0.44); }
  }

  const countWords = (count) => (count < 10000 ? String(count) : (count / 10000).toFixed(1) + "万");

  /* The bubble under a place of the canvas, in its pixels. */
  function bubbleAt(f, px, py) {
    const gathered = m.state.show.incidents && bubblesOf(f);
    if (!gathered) return null;
    return gathered.bubbles.find((b) => b.count > ALONE && Math.hypot(b.x * f.scale - f.dx - px, b.y * f.scale - f.dy - py) <= radius(b.count) * m.unit()) || null;
  }

  const isInBubble = (f, i) => { const gathered = bubblesOf(f); return Boolean(gathered) && gathered.of[i] >= 0 && gathered.bubbles[gathered.of[i]].count > ALONE; };

  Object.assign(m, { newIncidents: columns, putIncident: put, takeIncident: take, clearIncidents: clear, order: () => order(m.incidents), incident, bubblesOf, bubbleAt, isInBubble, bubbleRadius: radius, BUBBLE_FROM: ALONE, CALM, paintIncidents });
  m.liveIncidents(columns());
})(window.room = window.room || {});
