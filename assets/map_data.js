/* What moves on the map: workers as arrays filled from binary frames (dashboard/frames.py), incidents, alerts. */
(function (room) {
  "use strict";
  const m = room.map;
  const URGENCY = { overdue: 2, at_risk: 1, on_time: 0 };
  const NOWHERE = -(2 ** 31);
  const FADE_S = [60, 300];        // a fix is fresh for a minute, old after five

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
      workers.x[index] = m.worldX(lon / 1e7);
      workers.y[index] = m.worldY(view.getInt32(at + 8, true) / 1e7);
      workers.status[index] = (word >>> 20) & 7;
      workers.suspect[index] = (word >>> 23) & 1;
      workers.at[index] = asOf - (word >>> 24) * 1000;
      if (index >= workers.size) workers.size = index + 1;
    }
    m.redraw();
  }

  function fadeOf(index, now) {
    const age = (now - workers.at[index]) / 1000;
    return age < FADE_S[0] ? 0 : age < FADE_S[1] ? 1 : 2;
  }

  const incidents = new Map();     // case → {x, y, category, severity, standing}

  function putIncident([number, lon, lat, category, severity, standing]) {
    incidents.set(number, { x: m.worldX(lon), y: m.worldY(lat), category, severity, standing });
  }

  function takeIncidents(message) {
    if (message.type === "snapshot") { incidents.clear(); message.data.forEach(putIncident); }
    else { message.data.put.forEach(putIncident); message.data.gone.forEach((number) => incidents.delete(number)); }
    ordered = null;
    m.redraw(true);
  }

  function takeAlerts(message) {
    if (message.type === "snapshot") { m.state.alerts.clear(); message.data.items.forEach((a) => m.state.alerts.set(a.alert, a)); }
    else { message.data.put.forEach((a) => m.state.alerts.set(a.alert, a)); message.data.gone.forEach((no) => m.state.alerts.delete(no)); }
    m.redraw(true);
  }

  let ordered = null;              // calm first, so that what is late lies on top
  function byUrgency() {
    if (!ordered) ordered = [...incidents].sort(([, a], [, b]) => URGENCY[a.standing] - URGENCY[b.standing] || b.severity - a.severity);
    return ordered;
  }
  function placedAlerts() { return [...m.state.alerts.values()].filter((a) => a.lon !== null && a.lon !== undefined && (a.state === "new" || a.state === "acknowledged")); }

  const isCalling = (alert) => alert.state === "new" && alert.level === "red";
  const isCalm = (incident) => incident.standing === "on_time" && incident.severity > 1;

  room.live.on("binary", takePositions);
  room.live.on("roster", (message) => message.items.forEach(([index, id, name, grid]) => { workers.names[index] = [id, name, grid]; }));
  room.live.on("incidents", takeIncidents);
  room.live.on("alerts", takeAlerts);

  Object.assign(m, { workers, incidents, fadeOf, byUrgency, placedAlerts, isCalling, isCalm });
})(window.room = window.room || {});
