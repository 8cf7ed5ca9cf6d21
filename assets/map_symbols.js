/* Symbols by form, and painting them: workers as bytes, incidents and alerts as stamps. */
(function (room) {
  "use strict";
  const m = room.map;
  const KINDS = { dispute: "diamond", environment: "square", city: "square", safety: "hexagon", order: "star", people: "cross" };

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
    const r = m.unit() * 0.26;
    return sprite("w" + status + fade + suspect, r * 2.2, (pen) => {
      pen.globalAlpha = [1, 0.6, 0.32][fade];
      pen.fillStyle = pen.strokeStyle = m.token("text");
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
  const sizeOf = (severity) => m.unit() * [0.5, 0.5, 0.42, 0.34, 0.27][severity];

  function incidentSprite(category, severity, standing) {
    const r = sizeOf(severity), shape = shapeOf(category);
    return sprite("i" + shape + severity + standing, r * 2.4, (pen) => {
      trace(pen, OUTLINES[shape], r);
      pen.lineJoin = "round";
      pen.lineWidth = m.unit() * 0.28;
      pen.strokeStyle = m.token("ground");
      pen.stroke();
      pen.fillStyle = standing === "overdue" ? m.token("late") : m.token("ground");
      pen.fill();
      pen.lineWidth = m.unit() * 0.11;
      pen.strokeStyle = m.token(standing === "overdue" ? "late" : standing === "at_risk" || severity <= 2 ? "text" : "second");
      pen.stroke();
      if (standing === "on_time") return;
      pen.beginPath();
      pen.arc(0, 0, r * 1.95, 0, 7);
      pen.lineWidth = m.unit() * 0.15;
      pen.strokeStyle = m.token(standing === "overdue" ? "late" : "near");
      pen.stroke();
    });
  }

  function alertSprite(level, waiting) {
    const r = m.unit() * (waiting ? 0.95 : 0.6);
    return sprite("a" + level + waiting, r * 1.6, (pen) => {
      trace(pen, [[0, -1.1], [1.1, 0.85], [-1.1, 0.85]], r);
      pen.lineJoin = "round";
      pen.lineWidth = m.unit() * 0.3;
      pen.strokeStyle = m.token("ground");
      pen.stroke();
      pen.fillStyle = waiting ? m.token(level) : m.token("ground");
      pen.fill();
      pen.lineWidth = m.unit() * 0.12;
      pen.strokeStyle = m.token(level);
      pen.stroke();
      if (!waiting) return;
      pen.fillStyle = m.token("ground");
      pen.font = "700 " + r * 1.25 + "px sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText("!", 0, r * 0.22);
    });
  }
  /* A worker's form as coverage only (0–255): all m.workers are of one colour, so thousands are stamped as plain bytes. */
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
    const hex = parseInt(m.token("text").slice(1), 16);
    return ((hex & 0xff) << 16) | (hex & 0xff00) | (hex >> 16);       // little-endian RGBA
  }

  /* Where thousands stand in sight their forms cannot be told apart: a dot each, until one looks closer. */
  const TOO_MANY = 4000;

  function dotMask() {
    const size = Math.max(2, Math.round(m.unit() * 0.2 * (window.devicePixelRatio || 1)));
    return { size, cover: new Uint8Array(size * size).fill(190) };
  }

  function paintWorkers(layer, f) {
    const { _walk: canvas, _walkPen: pen } = layer, ratio = window.devicePixelRatio || 1;
    if (!canvas.width || !canvas.height) return;
    if (!m.workers.size) return;     // nobody known yet: the canvas is empty as it is
    if (!layer._pixels) layer._pixels = pen.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(layer._pixels.data.buffer), wide = canvas.width, high = canvas.height;
    pixels.fill(0);
    if (m.state.show.workers) {
      const now = m.now(), colour = colourBytes(), { size, x, y, status, suspect, here } = m.workers, dot = m.workers.isDense = m.seenAtLeast(m.workers, f, TOO_MANY) ? dotMask() : null;
      for (let i = 0; i < size; i++) {
        if (!here[i]) continue;
        const mask = dot || maskOf(status[i], m.fadeOf(i, now), suspect[i]), half = mask.size >> 1;
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

  /* Where a warning holds, as it was told: a light wash within a line of its colour; of an exercise the line is broken. */
  function paintAreas(pen, f) {
    const u = m.unit();
    for (const alert of m.placedAlerts()) {
      if (!alert.outline || !alert.outline.length) continue;
      pen.beginPath();
      for (const ring of alert.outline) {
        ring.forEach(([lon, lat], at) => pen[at ? "lineTo" : "moveTo"](m.worldX(lon) * f.scale - f.dx, m.worldY(lat) * f.scale - f.dy));
        pen.closePath();
      }
      pen.fillStyle = pen.strokeStyle = m.token(alert.level);
      pen.globalAlpha = 0.1;
      pen.fill();
      pen.globalAlpha = 0.9;
      pen.lineWidth = u * 0.14;
      pen.setLineDash(alert.exercise ? [u * 0.6, u * 0.4] : []);
      pen.stroke();
    }
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  function paintAlerts(pen, f) {
    for (const alert of m.placedAlerts()) {
      const px = m.worldX(alert.lon) * f.scale - f.dx, py = m.worldY(alert.lat) * f.scale - f.dy;
      stampAt(pen, alertSprite(alert.level, alert.state === "new"), px, py);
      if (m.isCalling(alert) && inSight(px, py)) paintCallout(pen, alert, px, py);
    }
  }

  function inSight(px, py) { const [left, top, right, bottom] = seen(); return px > left && px < right && py > top && py < bottom; }

  /* The words of a red alarm stay inside what is seen, on the side that has room. */
  function callout(pen, alert, px, py) {
    const u = m.unit(), [left, top, right, bottom] = seen();
    const words = (alert.exercise ? "演练 " : "") + alert.kind + " · 未确认";
    pen.font = "600 " + u * 1.25 + "px " + m.family();
    const width = pen.measureText(words).width + u * 1.2, height = u * 2.2;
    let x = px + u * 1.4, y = py - height / 2;
    if (x + width > right) x = px - u * 1.4 - width;
    x = Math.min(Math.max(x, left + 4), right - width - 4);
    y = Math.min(Math.max(y, top + 4), bottom - height - 4);
    return { words, x, y, width, height };
  }

  function paintCallout(pen, alert, px, py) {
    const { words, x, y, width, height } = callout(pen, alert, px, py);
    pen.fillStyle = m.token("alarm-ground");
    pen.strokeStyle = m.token("red");
    pen.lineWidth = 1.5;
    pen.fillRect(x, y, width, height);
    pen.strokeRect(x, y, width, height);
    pen.fillStyle = m.token("red");
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.fillText(words, x + m.unit() * 0.6, y + height / 2);
  }

  function paintPicked(pen, f) {
    const p = m.state.picked;
    pen.beginPath();
    pen.arc(p.x * f.scale - f.dx, p.y * f.scale - f.dy, m.unit() * 1.15, 0, 7);
    pen.lineWidth = m.unit() * 0.16;
    pen.strokeStyle = m.token("act");
    pen.stroke();
  }

  /* What is seen of the canvas, in its own pixels: left, top, right, bottom. */
  function seen() {
    const min = m.state.map.containerPointToLayerPoint([0, 0]).subtract(m.state.layer._bounds.min), size = m.state.map.getSize();
    return [min.x, min.y, min.x + size.x, min.y + size.y];
  }

  function forgetSprites() { sprites = new Map(); masks = new Map(); }

  Object.assign(m, { sizeOf, stampAt, workerSprite, incidentSprite, alertSprite, paintWorkers, paintAreas, paintAlerts, paintPicked, callout, inSight, forgetSprites });
})(window.room = window.room || {});
