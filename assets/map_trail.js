/* The way of a picked worker: kept fixes of the last hour, older ones fainter, and how exact the newest is. */
(function (room) {
  "use strict";
  const m = room.map;
  const MINUTES = 60, AGAIN_MS = 20000;
  const JUMP_MS = 10 * 60000;      // after a longer silence nobody knows the way between
  let trail = null, wanted = "";

  async function ask(worker) {
    const answer = await fetch("/map/trail?worker=" + encodeURIComponent(worker) + "&minutes=" + MINUTES).catch(() => null);
    if (!answer || !answer.ok || wanted !== worker) return;
    const told = await answer.json();
    if (wanted !== worker) return;
    trail = { worker, fixes: told.fixes.map(([lon, lat, at, accuracy, suspect]) => ({ x: m.worldX(lon), y: m.worldY(lat), lat, at: Date.parse(at), accuracy, suspect })) };
    m.redraw(true);
  }

  function chosen(picked) {
    const who = picked && picked.kind === "worker" && !m.isPast() ? (m.workers.names[picked.id] || [""])[0] : "";
    if (who === wanted) return;
    wanted = who;
    trail = null;
    if (who) ask(who);
  }

  const metresToPixels = (f, lat, metres) => (metres / (40075016.7 * Math.cos((lat * Math.PI) / 180))) * f.scale;

  function paint(pen, f) {
    followPicked();
    if (!trail || !trail.fixes.length) return;
    const fixes = trail.fixes, last = fixes[fixes.length - 1], u = m.unit(), now = m.now();
    const at = (fix) => [fix.x * f.scale - f.dx, fix.y * f.scale - f.dy];
    pen.strokeStyle = pen.fillStyle = m.token("act");
    pen.lineWidth = u * 0.16;
    for (let i = 1; i < fixes.length; i++) {
      pen.globalAlpha = faintness(fixes[i], now);
      pen.setLineDash(fixes[i].at - fixes[i - 1].at > JUMP_MS || fixes[i].suspect ? [u * 0.3, u * 0.4] : []);
      pen.beginPath();
      pen.moveTo(...at(fixes[i - 1]));
      pen.lineTo(...at(fixes[i]));
      pen.stroke();
    }
    pen.setLineDash([]);
    for (const fix of fixes) { pen.globalAlpha = faintness(fix, now); pen.beginPath(); pen.arc(...at(fix), u * 0.14, 0, 7); pen.fill(); }
    pen.globalAlpha = 1;
    if (last.accuracy) paintAccuracy(pen, at(last), metresToPixels(f, last.lat, last.accuracy));
  }

  const faintness = (fix, now) => Math.max(0.25, 1 - (now - fix.at) / (MINUTES * 60000));

  function paintAccuracy(pen, [px, py], r) {
    pen.beginPath();
    pen.arc(px, py, r, 0, 7);
    pen.globalAlpha = 0.14;
    pen.fill();
    pen.globalAlpha = 0.8;
    pen.lineWidth = m.unit() * 0.08;
    pen.stroke();
    pen.globalAlpha = 1;
  }

  /* The mark stays on the person, not on the place where the person was. */
  function followPicked() {
    const p = m.state.picked;
    if (!p || p.kind !== "worker" || !m.workers.here[p.id]) return;
    p.x = m.workers.x[p.id];
    p.y = m.workers.y[p.id];
  }

  setInterval(() => wanted && !m.isPast() && ask(wanted), AGAIN_MS);
  m.overlays.push(paint);
  Object.assign(m, { chosen, trail: () => trail });
})(window.room = window.room || {});
