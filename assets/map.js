/* The map: grid styles for dash-leaflet, and one canvas layer on which everything that moves is drawn. */
(function (room) {
  "use strict";
  const KINDS = { dispute: "diamond", environment: "square", city: "square", safety: "hexagon", order: "star", people: "cross" };
  const STATUSES = ["available", "dispatched", "en_route", "on_scene", "off_duty"];
  const STATUS_WORDS = { available: "可派", dispatched: "已派", en_route: "途中", on_scene: "到场", off_duty: "离岗" };
  const STANDING_WORDS = { overdue: "超时", at_risk: "将超时", on_time: "时限内" };
  const SEVERITY_WORDS = { 1: "特急", 2: "紧急", 3: "一般", 4: "轻微" };
  const LEVEL_WORDS = { red: "红色", orange: "橙色", yellow: "黄色", blue: "蓝色" };
  const URGENCY = { overdue: 2, at_risk: 1, on_time: 0 };
  const NOWHERE = -(2 ** 31);
  const FADE_S = [60, 300];        // a fix is fresh for a minute, old after five

  const state = {
    map: null, layer: null, config: {}, level: 0, figure: "open", counts: {}, alerts: new Map(),
    heat: null, show: { workers: true, incidents: true, alerts: true, labels: true }, picked: null,
  };

  /* Style questions are slow to ask in every frame: asked once, forgotten when the window changes. */
  let asked = {};
  const style = (name, ask) => (name in asked ? asked[name] : (asked[name] = ask()));
  const token = (name) => style(name, () => getComputedStyle(document.querySelector(".page") || document.documentElement).getPropertyValue("--" + name).trim());
  const unit = () => style("unit", () => parseFloat(getComputedStyle(document.documentElement).fontSize));
  const family = () => style("family", () => getComputedStyle(document.body).fontFamily);
  const worldX = (lon) => lon / 360 + 0.5;
  function worldY(lat) {
    const sine = Math.sin((lat * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  }

  /* ---- workers: structs of arrays, filled from binary frames (dashboard/frames.py) ---- */

  const workers = {
    size: 0, x: new Float64Array(1024), y: new Float64Array(1024), status: new Uint8Array(1024),
    suspect: new Uint8Array(1024), here: new Uint8Array(1024), at: new Float64Array(1024), names: [], seq: null, asOf: 0, count: 0,
  };

  function makeRoom(size) {
    if (size <= workers.x.length) return;
    const length = Math.max(size, workers.x.length * 2);
    for (const name of ["x", "y", "status", "suspect", "here", "at"]) {
      const grown = new workers[name].constructor(length);
      grown.set(workers[name]);
      workers[name] = grown;
    }
  }

  function takePositions(buffer) {
    const view = new DataView(buffer);
    if (view.getUint32(0, false) !== 0x44525031) return;            // "DRP1"
    const kind = view.getUint8(4), count = view.getUint32(8, true), seq = view.getUint32(12, true);
    const asOf = view.getFloat64(16, true);
    if (kind === 1) { workers.here.fill(0); workers.count = 0; }
    else if (workers.seq !== null && seq !== workers.seq + 1) return room.live.resync("positions");
    workers.seq = seq;
    workers.asOf = asOf;
    for (let i = 0, at = 32; i < count; i++, at += 12) {
      const word = view.getUint32(at, true), lon = view.getInt32(at + 4, true), index = word & 0xfffff;
      makeRoom(index + 1);
      const here = lon === NOWHERE ? 0 : 1;
      workers.count += here - workers.here[index];
      workers.here[index] = here;
      if (!here) continue;
      workers.x[index] = worldX(lon / 1e7);
      workers.y[index] = worldY(view.getInt32(at + 8, true) / 1e7);
      workers.status[index] = (word >>> 20) & 7;
      workers.suspect[index] = (word >>> 23) & 1;
      workers.at[index] = asOf - (word >>> 24) * 1000;
      if (index >= workers.size) workers.size = index + 1;
    }
    redraw();
  }

  function fadeOf(index, now) {
    const age = (now - workers.at[index]) / 1000;
    return age < FADE_S[0] ? 0 : age < FADE_S[1] ? 1 : 2;
  }

  /* ---- incidents and alerts ---- */

  const incidents = new Map();     // case → {x, y, category, severity, standing}

  function putIncident([number, lon, lat, category, severity, standing]) {
    incidents.set(number, { x: worldX(lon), y: worldY(lat), category, severity, standing });
  }

  function takeIncidents(message) {
    if (message.type === "snapshot") { incidents.clear(); message.data.forEach(putIncident); }
    else { message.data.put.forEach(putIncident); message.data.gone.forEach((number) => incidents.delete(number)); }
    ordered = null;
    redraw(true);
  }

  function takeAlerts(message) {
    if (message.type === "snapshot") { state.alerts.clear(); message.data.items.forEach((a) => state.alerts.set(a.alert, a)); }
    else { message.data.put.forEach((a) => state.alerts.set(a.alert, a)); message.data.gone.forEach((no) => state.alerts.delete(no)); }
    redraw(true);
  }

  let ordered = null;              // calm first, so that what is late lies on top
  function byUrgency() {
    if (!ordered) ordered = [...incidents].sort(([, a], [, b]) => URGENCY[a.standing] - URGENCY[b.standing] || b.severity - a.severity);
    return ordered;
  }

  /* ---- symbols: each form is drawn once onto a small canvas, then stamped ---- */

  let sprites = new Map();

  function sprite(key, radius, paint) {
    let found = sprites.get(key);
    if (!found) {
      const ratio = window.devicePixelRatio || 1, half = Math.ceil(radius * ratio) + 1;
      found = document.createElement("canvas");
      found.width = found.height = half * 2;
      found.half = half / ratio;
      const pen = found.getContext("2d");
      pen.translate(half, half);
      pen.scale(ratio, ratio);
      paint(pen);
      sprites.set(key, found);
    }
    return found;
  }

  function workerSprite(status, fade, suspect) {
    const r = unit() * 0.26;
    return sprite("w" + status + fade + suspect, r * 2.2, (pen) => {
      pen.globalAlpha = [1, 0.6, 0.32][fade];
      pen.fillStyle = pen.strokeStyle = token("text");
      pen.lineWidth = r * 0.45;
      if (suspect) pen.setLineDash([r * 0.7, r * 0.6]);
      pen.beginPath();
      pen.arc(0, 0, r, 0, 7);
      if (status === 0) suspect ? pen.stroke() : pen.fill();                       // 可派: full
      else if (status === 1) pen.stroke();                                        // 已派: hollow
      else if (status === 2) { pen.stroke(); pen.beginPath(); pen.arc(0, 0, r, -Math.PI / 2, Math.PI / 2); pen.fill(); }   // 途中: half
      else { pen.fill(); pen.beginPath(); pen.arc(0, 0, r * 1.8, 0, 7); pen.stroke(); }      // 到场: full in a ring
    });
  }

  const OUTLINES = {
    diamond: [[0, -1.15], [1.15, 0], [0, 1.15], [-1.15, 0]],
    square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
    hexagon: [0, 1, 2, 3, 4, 5].map((i) => [1.08 * Math.sin((i * Math.PI) / 3), -1.08 * Math.cos((i * Math.PI) / 3)]),
    star: [0, 1, 2, 3, 4, 5, 6, 7].map((i) => { const r = i % 2 ? 0.55 : 1.3; return [r * Math.sin((i * Math.PI) / 4), -r * Math.cos((i * Math.PI) / 4)]; }),
    cross: [[-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4], [0.4, 1.1], [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4]],
    blob: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((i) => [0.9 * Math.sin((i * Math.PI) / 6), 0.9 * Math.cos((i * Math.PI) / 6)]),
  };

  function trace(pen, points, r) {
    pen.beginPath();
    points.forEach(([x, y], at) => pen[at ? "lineTo" : "moveTo"](x * r, y * r));
    pen.closePath();
  }

  const shapeOf = (category) => KINDS[category.split(".")[0]] || "blob";
  const sizeOf = (severity) => unit() * [0.5, 0.5, 0.42, 0.34, 0.27][severity];

  function incidentSprite(shape, severity, standing) {
    const r = sizeOf(severity);
    return sprite("i" + shape + severity + standing, r * 2.4, (pen) => {
      trace(pen, OUTLINES[shape], r);
      pen.lineJoin = "round";
      pen.lineWidth = unit() * 0.28;
      pen.strokeStyle = token("ground");
      pen.stroke();
      pen.fillStyle = standing === "overdue" ? token("late") : token("ground");
      pen.fill();
      pen.lineWidth = unit() * 0.11;
      pen.strokeStyle = token(standing === "overdue" ? "late" : standing === "at_risk" || severity <= 2 ? "text" : "second");
      pen.stroke();
      if (standing === "on_time") return;
      pen.beginPath();
      pen.arc(0, 0, r * 1.95, 0, 7);
      pen.lineWidth = unit() * 0.15;
      pen.strokeStyle = token(standing === "overdue" ? "late" : "near");
      pen.stroke();
    });
  }

  function alertSprite(level, waiting) {
    const r = unit() * (waiting ? 0.95 : 0.6);
    return sprite("a" + level + waiting, r * 1.6, (pen) => {
      trace(pen, [[0, -1.1], [1.1, 0.85], [-1.1, 0.85]], r);
      pen.lineJoin = "round";
      pen.lineWidth = unit() * 0.3;
      pen.strokeStyle = token("ground");
      pen.stroke();
      pen.fillStyle = waiting ? token(level) : token("ground");
      pen.fill();
      pen.lineWidth = unit() * 0.12;
      pen.strokeStyle = token(level);
      pen.stroke();
      if (!waiting) return;
      pen.fillStyle = token("ground");
      pen.font = "700 " + r * 1.25 + "px sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText("!", 0, r * 0.22);
    });
  }

  /* ---- the layer: one canvas for those who walk, one above it for names, incidents and alerts ---- */

  const log = [];                  // [as_of, drawn_at] of the last frames, for the bench and for people who ask
  let wanted = 0, wantSigns = true, drawnAt = 0;

  function redraw(signs) {
    wantSigns = wantSigns || Boolean(signs);
    if (!wanted && state.layer) wanted = requestAnimationFrame(draw);
  }

  function draw() {
    wanted = 0;
    const layer = state.layer;
    if (!layer || !layer._pen) return;
    layer.paint();
    drawnAt = Date.now();
    if (workers.asOf) { log.push([workers.asOf, drawnAt]); if (log.length > 600) log.splice(0, 300); }
    if (room.drawn) room.drawn(workers.asOf, drawnAt);
  }

  function makeLayer() {
    const Moving = L.Renderer.extend({
      options: { padding: 0.1, pane: "moving" },
      _initContainer() {
        this._container = document.createElement("div");
        this._container.className = "moving-layer";
        this._walk = this._container.appendChild(document.createElement("canvas"));
        this._sign = this._container.appendChild(document.createElement("canvas"));
        this._walkPen = this._walk.getContext("2d");
        this._pen = this._sign.getContext("2d");
      },
      _destroyContainer() { this._container.remove(); delete this._pen; },
      getEvents() {
        const events = L.Renderer.prototype.getEvents.call(this);
        events.resize = () => this._update();
        return events;
      },
      _onZoomEnd() {},
      _update() {
        if (this._map._animatingZoom && this._bounds) return;
        L.Renderer.prototype._update.call(this);
        const ratio = window.devicePixelRatio || 1, size = this._bounds.getSize();
        for (const canvas of [this._walk, this._sign]) {
          canvas.width = size.x * ratio;
          canvas.height = size.y * ratio;
          canvas.style.width = size.x + "px";
          canvas.style.height = size.y + "px";
        }
        this._pixels = null;
        L.DomUtil.setPosition(this._container, this._bounds.min);
        wantSigns = true;
        this.paint();
      },
      _updatePaths() {},
      /* From world units (0–1) to pixels of these canvases. */
      frame() {
        const scale = 256 * 2 ** this._map.getZoom(), origin = this._map.getPixelOrigin().add(this._bounds.min);
        return { scale, dx: origin.x, dy: origin.y, width: this._bounds.getSize().x, height: this._bounds.getSize().y };
      },
      paint() {
        const f = this.frame();
        paintWorkers(this, f);
        if (!wantSigns) return;
        wantSigns = false;
        const pen = this._pen, ratio = window.devicePixelRatio || 1;
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        pen.clearRect(0, 0, f.width, f.height);
        placeLabels(f);
        if (state.show.incidents) paintIncidents(pen, f, true);
        if (state.show.labels) paintLabels(pen);
        if (state.show.incidents) paintIncidents(pen, f, false);
        if (state.show.alerts) paintAlerts(pen, f);
        if (state.picked) paintPicked(pen, f);
      },
    });
    return new Moving();
  }

  /* A worker's form as coverage only (0–255): all workers are of one colour, so thousands are stamped as plain bytes. */
  let masks = new Map();

  function maskOf(status, fade, suspect) {
    const key = status * 6 + fade * 2 + suspect;
    let mask = masks.get(key);
    if (!mask) {
      const stamp = workerSprite(status, fade, suspect), whole = stamp.width;
      const rgba = stamp.getContext("2d").getImageData(0, 0, whole, whole).data, at = (x, y) => rgba[(y * whole + x) * 4 + 3];
      let edge = 0;
      const isEmpty = (n) => { for (let i = 0; i < whole; i++) if (at(i, n) || at(n, i) || at(i, whole - 1 - n) || at(whole - 1 - n, i)) return false; return true; };
      while (edge < whole / 2 - 1 && isEmpty(edge)) edge++;
      const size = whole - 2 * edge;
      mask = { size, cover: Uint8Array.from({ length: size * size }, (_, i) => at(edge + (i % size), edge + Math.floor(i / size))) };
      masks.set(key, mask);
    }
    return mask;
  }

  function colourBytes() {
    const hex = parseInt(token("text").slice(1), 16);
    return ((hex & 0xff) << 16) | (hex & 0xff00) | (hex >> 16);       // little-endian RGBA
  }

  function paintWorkers(layer, f) {
    const { _walk: canvas, _walkPen: pen } = layer, ratio = window.devicePixelRatio || 1;
    if (!canvas.width || !canvas.height) return;
    if (!layer._pixels) layer._pixels = pen.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(layer._pixels.data.buffer), wide = canvas.width, high = canvas.height;
    pixels.fill(0);
    if (state.show.workers) {
      const now = room.clock.now(), colour = colourBytes(), { size, x, y, status, suspect, here } = workers;
      for (let i = 0; i < size; i++) {
        if (!here[i]) continue;
        const mask = maskOf(status[i], fadeOf(i, now), suspect[i]), half = mask.size >> 1;
        const left = Math.round((x[i] * f.scale - f.dx) * ratio) - half, top = Math.round((y[i] * f.scale - f.dy) * ratio) - half;
        if (left < 0 || top < 0 || left + mask.size > wide || top + mask.size > high) continue;
        stampMask(pixels, wide, left, top, mask, colour);
      }
    }
    pen.putImageData(layer._pixels, 0, 0);
  }

  function stampMask(pixels, wide, left, top, mask, colour) {
    const { size, cover } = mask;
    for (let row = 0, from = 0, to = top * wide + left; row < size; row++, to += wide - size) {
      for (let column = 0; column < size; column++, from++, to++) {
        const alpha = cover[from];
        if (alpha > pixels[to] >>> 24) pixels[to] = (alpha << 24) | colour;
      }
    }
  }

  function stampAt(pen, stamp, px, py) { pen.drawImage(stamp, px - stamp.half, py - stamp.half, stamp.half * 2, stamp.half * 2); }

  /* Calm cases lie under the names, what needs a person above them. */
  function paintIncidents(pen, f, calm) {
    for (const [, i] of byUrgency()) if (isCalm(i) === calm) stampAt(pen, incidentSprite(shapeOf(i.category), i.severity, i.standing), i.x * f.scale - f.dx, i.y * f.scale - f.dy);
  }

  function placedAlerts() { return [...state.alerts.values()].filter((a) => a.lon !== null && a.lon !== undefined && (a.state === "new" || a.state === "acknowledged")); }

  function paintAlerts(pen, f) {
    for (const alert of placedAlerts()) {
      const px = worldX(alert.lon) * f.scale - f.dx, py = worldY(alert.lat) * f.scale - f.dy;
      stampAt(pen, alertSprite(alert.level, alert.state === "new"), px, py);
      if (isCalling(alert) && inSight(px, py)) paintCallout(pen, alert, px, py);
    }
  }

  function inSight(px, py) { const [left, top, right, bottom] = seen(); return px > left && px < right && py > top && py < bottom; }

  const isCalling = (alert) => alert.state === "new" && alert.level === "red";

  /* The words of a red alarm stay inside what is seen, on the side that has room. */
  function callout(pen, alert, px, py) {
    const u = unit(), [left, top, right, bottom] = seen();
    const words = (alert.exercise ? "演练 " : "") + alert.kind + " · 未确认";
    pen.font = "600 " + u * 1.25 + "px " + family();
    const width = pen.measureText(words).width + u * 1.2, height = u * 2.2;
    let x = px + u * 1.4, y = py - height / 2;
    if (x + width > right) x = px - u * 1.4 - width;
    x = Math.min(Math.max(x, left + 4), right - width - 4);
    y = Math.min(Math.max(y, top + 4), bottom - height - 4);
    return { words, x, y, width, height };
  }

  function paintCallout(pen, alert, px, py) {
    const { words, x, y, width, height } = callout(pen, alert, px, py);
    pen.fillStyle = token("alarm-ground");
    pen.strokeStyle = token("red");
    pen.lineWidth = 1.5;
    pen.fillRect(x, y, width, height);
    pen.strokeRect(x, y, width, height);
    pen.fillStyle = token("red");
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillText(words, x + unit() * 0.6, y + height / 2);
  }

  function paintPicked(pen, f) {
    const p = state.picked;
    pen.beginPath();
    pen.arc(p.x * f.scale - f.dx, p.y * f.scale - f.dy, unit() * 1.15, 0, 7);
    pen.lineWidth = unit() * 0.16;
    pen.strokeStyle = token("act");
    pen.stroke();
  }

  /* What is seen of the canvas, in its own pixels: left, top, right, bottom. */
  function seen() {
    const min = state.map.containerPointToLayerPoint([0, 0]).subtract(state.layer._bounds.min), size = state.map.getSize();
    return [min.x, min.y, min.x + size.x, min.y + size.y];
  }

  /* ---- labels: never over one another, never over an incident; a name keeps its place while it can ---- */

  const names = { outer: new Map(), inner: new Map() };     // code → {name, x, y, width (world units)}
  let labels = [];
  const before = new Map();

  /* dash-leaflet calls this for each polygon it draws; a book holds one level. */
  function learnName(kind, feature) {
    const book = names[kind], p = feature.properties || {}, box = boxOf(feature.geometry);
    if (book.level !== p.level) { book.clear(); book.level = p.level; }
    const [lon, lat] = p.label || [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    book.set(p.code, { code: p.code, name: p.name, x: worldX(lon), y: worldY(lat), width: worldX(box[2]) - worldX(box[0]) });
    if (kind === "inner" && !recolouring) recolouring = setTimeout(() => { recolouring = 0; recolour(); });
    redraw(true);
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
    const u = unit(), taken = obstacles(f), people = crowd(f), pen = state.layer._pen, same = state.level === 0;
    const wishes = [...names.outer.values()].map((n) => ({ n, big: true, size: u * 1.25 }));
    if (!same) for (const n of names.inner.values()) if (n.width * f.scale > u * n.name.length * 1.15) wishes.push({ n, big: false, size: u });
    for (const wish of wishes) {
      pen.font = (wish.big ? "600 " : "400 ") + wish.size + "px " + family();
      const width = pen.measureText(wish.n.name).width, height = wish.size * 1.15;
      const x = wish.n.x * f.scale - f.dx, y = wish.n.y * f.scale - f.dy;
      if (x < -width || y < -height || x > f.width + width || y > f.height + height) continue;
      const key = wish.big + wish.n.code, spot = freeSpot(x, y, width, height, taken, before.get(key) || 0, wish.big, people);
      if (!spot) continue;
      before.set(key, spot.which);
      taken.push(spot.box);
      labels.push({ name: wish.n.name, big: wish.big, size: wish.size, x: spot.x, y: spot.y });
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

  const isCalm = (incident) => incident.standing === "on_time" && incident.severity > 1;

  /* What names should rather not hide, calm cases and people, as far as they can; among thousands nobody could. */
  function crowd(f) {
    const places = [];
    if (state.show.incidents) for (const i of incidents.values()) if (isCalm(i)) places.push([i.x * f.scale - f.dx, i.y * f.scale - f.dy]);
    if (!state.show.workers || workers.count > 400) return places;
    for (let i = 0; i < workers.size; i++) if (workers.here[i]) places.push([workers.x[i] * f.scale - f.dx, workers.y[i] * f.scale - f.dy]);
    return places;
  }

  function obstacles(f) {
    const boxes = [];
    const around = (x, y, r) => boxes.push([x - r, y - r, x + r, y + r]);
    if (state.show.incidents) for (const i of incidents.values()) if (!isCalm(i)) around(i.x * f.scale - f.dx, i.y * f.scale - f.dy, sizeOf(i.severity) * 2);
    if (state.show.alerts) for (const a of placedAlerts()) {
      const px = worldX(a.lon) * f.scale - f.dx, py = worldY(a.lat) * f.scale - f.dy;
      around(px, py, unit() * 1.1);
      if (isCalling(a) && inSight(px, py)) { const box = callout(state.layer._pen, a, px, py); boxes.push([box.x, box.y, box.x + box.width, box.y + box.height]); }
    }
    return boxes;
  }

  function paintLabels(pen) {
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    for (const label of labels) {
      pen.font = (label.big ? "600 " : "400 ") + label.size + "px " + family();
      pen.lineWidth = unit() * 0.28;
      pen.strokeStyle = token("ground");
      pen.strokeText(label.name, label.x, label.y);
      pen.fillStyle = label.big ? token("text") : token("second");
      pen.fillText(label.name, label.x, label.y);
    }
  }

  /* ---- the choropleth: integer classes on a ladder that moves only when the largest count leaves it ---- */

  const FIGURES = { open: [0, "在办"], overdue: [1, "超时"], today: [2, "今日受理"] };
  const LADDERS = [[1, 2, 3, 4], [1, 2, 4, 6], [1, 3, 5, 8], [1, 4, 7, 10], [1, 5, 9, 14], [1, 6, 12, 20], [1, 10, 20, 30], [1, 20, 40, 60], [1, 50, 100, 150], [1, 100, 200, 400], [1, 500, 1000, 2000]];
  let ladder = LADDERS[0];

  function classOf(value) { let at = 0; while (at < 4 && value >= ladder[at]) at++; return at; }

  function chooseLadder() {
    const values = Object.keys(state.counts).filter((code) => names.inner.has(code) || (state.level === 0 && names.outer.has(code)));
    const sorted = values.map((code) => state.counts[code][FIGURES[state.figure][0]]).sort((a, b) => a - b);
    const high = sorted[Math.floor(sorted.length * 0.9)] || 0;         // about a tenth of the grids end in the top class
    if (high <= ladder[3] * 1.25 && high >= ladder[3] * 0.6) return;   // colours keep their meaning while they fit
    ladder = LADDERS.find((steps) => high <= steps[3]) || LADDERS[LADDERS.length - 1];
  }

  function hideout() {
    chooseLadder();
    const classes = {};
    for (const [code, row] of Object.entries(state.counts)) { const at = classOf(row[FIGURES[state.figure][0]]); if (at) classes[code] = at; }
    return { classes: state.heat ? {} : classes, level: state.level, focus: state.config.focus || [] };
  }

  let sentHideout = "";
  function recolour() {
    const next = hideout(), text = JSON.stringify(next);
    drawLegend();
    if (text === sentHideout) return;
    try { window.dash_clientside.set_props("grid-fill", { hideout: next }); sentHideout = text; } catch (notYet) { setTimeout(recolour, 200); }
  }

  function fillStyle(feature, context) {
    const told = (context && context.hideout) || {}, code = feature.properties.code, at = (told.classes || {})[code] || 0;
    const outside = told.focus && told.focus.length && !told.focus.includes(code);
    return { fillColor: token("step-" + at), fillOpacity: outside ? 0.25 : 1, color: token("line"), weight: unit() / 16, opacity: 1, className: "grid-cell" };
  }

  function outlineStyle() { return { fill: false, color: token("edge"), weight: unit() / 8, opacity: 0.9, interactive: false, className: "grid-outline" }; }

  function takeKpi(message) {
    if (message.type === "snapshot") state.counts = { ...message.data.grids };
    else { Object.assign(state.counts, message.data.put.grids); message.data.gone.forEach((code) => delete state.counts[code]); }
    recolour();
  }

  function drawLegend() {
    const box = document.getElementById("choropleth-legend");
    if (!box) return;
    const ends = ladder.map((from, at) => (at === 3 ? "≥ " + from : ladder[at + 1] - 1 === from ? String(from) : from + "–" + (ladder[at + 1] - 1)));
    const words = ["0", ...ends].map((word, at) => '<span><i style="background:' + token("step-" + at) + '"></i>' + word + "</span>");
    box.innerHTML = state.heat ? HEAT_WORDS : "<b>" + FIGURES[state.figure][1] + "（件／格）</b>" + words.join("");
  }

  /* ---- layers and keys ---- */

  function setLevel(level) {
    const count = (state.config.levels || []).length;
    if (level < 0 || level >= count || level === state.level) return;
    state.level = level;
    sentHideout = "";
    window.dash_clientside.set_props("grid-fill", { url: "/map/grids/" + level + ".geojson" });
    mark();
    recolour();
  }

  function setFigure(figure) { state.figure = figure; mark(); recolour(); }

  function toggle(name) {
    state.show[name] = !state.show[name];
    mark();
    redraw(true);
  }

  const HEAT_EVERY_MS = 30000;
  function heatUrl() { return "/map/heat.png?v=" + Math.floor(Date.now() / HEAT_EVERY_MS); }

  /* The server says where its picture lies; asked once, when heat is first wanted. */
  async function showHeat() {
    state.heat = L.imageOverlay(heatUrl(), state.config.bounds, { pane: "heat", opacity: 0.85 });
    const answer = await fetch("/map/heat.json");
    if (answer.ok && state.heat) state.heat.setBounds((await answer.json()).bounds);
    if (state.heat) state.heat.addTo(state.map);
  }

  /* Heat and choropleth share the blues: while one is shown the other rests. */
  const HEAT_WORDS = "<b>热力</b><span>近 30 天上报密度，亮处多</span>";

  function toggleHeat() {
    if (state.heat) { state.heat.remove(); state.heat = null; }
    else showHeat();
    mark();
    recolour();
  }

  setInterval(() => state.heat && state.heat.setUrl(heatUrl()), HEAT_EVERY_MS);

  function mark() {
    const press = (selector, on) => document.querySelectorAll(selector).forEach((e) => e.setAttribute("aria-pressed", String(on)));
    (state.config.levels || []).forEach((_, at) => press('[data-level-button="' + at + '"]', at === state.level));
    for (const name of Object.keys(FIGURES)) press('[data-figure="' + name + '"]', name === state.figure);
    for (const name of Object.keys(state.show)) press('[data-layer="' + name + '"]', state.show[name]);
    press("#grid-heat", Boolean(state.heat));
  }

  function fit() { if (state.config.bounds) state.map.fitBounds(state.config.bounds, { animate: false, padding: [12, 12] }); }

  /* Until a person moves the map it shows its whole area, whatever the size of its place; data never move it. */
  function keepFitted(map) {
    let touched = false;
    for (const event of ["mousedown", "wheel", "keydown", "touchstart"]) map.getContainer().addEventListener(event, () => { touched = true; }, { passive: true });
    document.addEventListener("click", (event) => { if (event.target.closest && event.target.closest("[data-fit]")) touched = false; });
    new ResizeObserver(() => {
      map.invalidateSize({ pan: false, animate: false });
      if (!touched) fit();
    }).observe(map.getContainer());
  }

  /* ---- picking ---- */

  const NEAR = () => unit() * 0.95;

  function pick(point) {
    const f = state.layer.frame(), p = state.map.containerPointToLayerPoint(point).subtract(state.layer._bounds.min);
    const near = (x, y) => Math.hypot(x * f.scale - f.dx - p.x, y * f.scale - f.dy - p.y);
    let best = null, distance = NEAR();
    const offer = (d, made) => { if (d < distance) { distance = d; best = made(); } };
    if (state.show.alerts) for (const a of placedAlerts()) offer(near(worldX(a.lon), worldY(a.lat)) * 0.6, () => ({ kind: "alert", id: a.alert, x: worldX(a.lon), y: worldY(a.lat) }));
    if (state.show.incidents) for (const [no, i] of incidents) offer(near(i.x, i.y) * 0.8, () => ({ kind: "incident", id: no, x: i.x, y: i.y }));
    if (best === null && state.show.workers) {
      for (let i = 0; i < workers.size; i++) if (workers.here[i]) offer(near(workers.x[i], workers.y[i]), () => ({ kind: "worker", id: i, x: workers.x[i], y: workers.y[i] }));
    }
    return best;
  }

  const card = document.createElement("div");
  card.className = "map-card";
  card.hidden = true;

  function lines(found) {
    if (found.kind === "incident") {
      const i = incidents.get(found.id);
      if (!i) return null;
      return [(state.config.categories || {})[i.category] || "其他", SEVERITY_WORDS[i.severity] + " · " + STANDING_WORDS[i.standing], found.id];
    }
    if (found.kind === "alert") {
      const a = state.alerts.get(found.id);
      if (!a) return null;
      return [(a.exercise ? "演练 · " : "") + a.kind, LEVEL_WORDS[a.level] + "预警 · " + (a.state === "new" ? "未确认 · 已 " + room.clock.spanWords((room.clock.now() - Date.parse(a.at)) / 1000) : "已确认"), found.id];
    }
    if (found.kind === "worker") {
      const who = workers.names[found.id] || ["", "网格员", ""], age = (room.clock.now() - workers.at[found.id]) / 1000;
      return [who[1] + "（" + who[0] + "）", STATUS_WORDS[STATUSES[workers.status[found.id]]] + " · 定位 " + room.clock.spanWords(age) + "前" + (workers.suspect[found.id] ? " · 可疑" : ""), (state.config.grid_names || {})[who[2]] || ""];
    }
    const row = state.counts[found.id] || [0, 0, 0];
    return [found.name, "在办 " + row[0] + " 件 · 超时 " + row[1] + " 件 · 今日 " + row[2] + " 件", "单击打开网格"];
  }

  function showCard(found, point) {
    const told = found && lines(found);
    card.hidden = !told;
    if (!told) return;
    card.replaceChildren(...told.filter(Boolean).map((text, at) => { const e = document.createElement(at ? "span" : "b"); e.textContent = text; return e; }));
    const size = state.map.getSize(), gap = unit();
    const x = point.x + gap + card.offsetWidth > size.x ? point.x - gap - card.offsetWidth : point.x + gap;
    const y = Math.min(Math.max(4, point.y - card.offsetHeight / 2), size.y - card.offsetHeight - 4);
    card.style.transform = "translate(" + Math.max(4, x) + "px," + y + "px)";
  }

  let overGrid = null;
  function learnGrid(feature, layer) {
    learnName("inner", feature);
    layer.on("mouseover", () => { overGrid = { kind: "grid", id: feature.properties.code, name: feature.properties.name }; });
    layer.on("mouseout", () => { overGrid = null; });
  }

  function hover(event) {
    const found = pick(event.containerPoint);
    state.map.getContainer().style.cursor = found || overGrid ? "pointer" : "";
    showCard(found || overGrid, event.containerPoint);
  }

  function choose(found) {
    state.picked = found && found.kind !== "grid" ? found : null;
    redraw(true);
    if (found && found.kind === "incident") room.choose(found.id);
  }

  function click(event) {
    const found = pick(event.containerPoint);
    if (found) choose(found);
    else if (overGrid) location.assign("/grid/" + overGrid.id);
    showCard(found, event.containerPoint);
  }

  /* By keyboard: the next incident in order of urgency; the view follows only because a person asked. */
  let stepAt = -1;
  function step(by) {
    const list = [...byUrgency()].reverse();
    if (!list.length) return;
    stepAt = (stepAt + by + list.length) % list.length;
    const [number, i] = list[stepAt], found = { kind: "incident", id: number, x: i.x, y: i.y };
    choose(found);
    const f = state.layer.frame(), point = L.point(i.x * f.scale - f.dx, i.y * f.scale - f.dy).add(state.layer._bounds.min);
    const inView = state.map.layerPointToContainerPoint(point);
    if (!state.map.getSize().contains || inView.x < 0 || inView.y < 0 || inView.x > state.map.getSize().x || inView.y > state.map.getSize().y) state.map.panTo(state.map.layerPointToLatLng(point), { animate: false });
    showCard(found, state.map.layerPointToContainerPoint(point));
  }

  function point(number) {
    const i = incidents.get(number);
    state.picked = i ? { kind: "incident", id: number, x: i.x, y: i.y } : null;
    redraw(true);
  }

  /* ---- start ---- */

  function begin(map) {
    if (!map.getContainer().closest("#incident-map")) return;
    state.map = map;
    for (const [name, order] of [["heat", 410], ["outline", 420], ["moving", 430]]) {
      map.createPane(name).style.zIndex = order;
      map.getPane(name).style.pointerEvents = "none";
    }
    map.whenReady(() => {
      const box = document.querySelector("[data-map-config]");
      state.config = box ? JSON.parse(box.dataset.mapConfig) : {};
      state.level = state.config.level || 0;
      state.layer = makeLayer();
      state.layer.addTo(map);
      map.getContainer().appendChild(card);
      keepFitted(map);
      map.on("mousemove", hover);
      map.on("mouseout", () => { card.hidden = true; });
      map.on("click", click);
      mark();
      drawLegend();
      redraw(true);
    });
  }

  if (window.L) L.Map.addInitHook(function () { begin(this); });
  document.addEventListener("click", (event) => {
    const e = event.target.closest && event.target.closest("[data-level-button],[data-figure],[data-layer],#grid-heat,[data-fit]");
    if (!e) return;
    if (e.dataset.levelButton) setLevel(Number(e.dataset.levelButton));
    else if (e.dataset.figure) setFigure(e.dataset.figure);
    else if (e.dataset.layer) toggle(e.dataset.layer);
    else if (e.id === "grid-heat") toggleHeat();
    else fit();
  });
  window.addEventListener("resize", () => { sprites = new Map(); masks = new Map(); asked = {}; redraw(true); });
  setInterval(() => redraw(), 10000);                 // fixes fade even when nothing moves

  room.live.on("binary", takePositions);
  room.live.on("roster", (message) => message.items.forEach(([index, id, name, grid]) => { workers.names[index] = [id, name, grid]; }));
  room.live.on("incidents", takeIncidents);
  room.live.on("alerts", takeAlerts);
  room.live.on("kpi", takeKpi);

  room.map = { fillStyle, outlineStyle, learnGrid, learnOutline, setLevel, setFigure, toggle, toggleHeat, fit, step, point, log, state, labels: () => labels };
  room.stats = () => ({ workers: workers.count, incidents: incidents.size, drawn_at: drawnAt, seq: workers.seq, stale: room.live.isStale() });
})(window.room = window.room || {});
