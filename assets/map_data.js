/* What moves on the map: workers as columns filled from binary frames (dashboard/frames.py), incidents, alerts; now or then. */
(function (room) {
  "use strict";
  const m = room.map;
  const NOWHERE = -(2 ** 31);
  const FADE_S = [60, 300];        // a fix is fresh for a minute, old after five
  const STATUSES = ["available", "dispatched", "en_route", "on_scene", "off_duty"];

  function newWorkers() {
    return {
      size: 0, x: new Float64Array(1024), y: new Float64Array(1024), status: new Uint8Array(1024), suspect: new Uint8Array(1024),
      here: new Uint8Array(1024), at: new Float64Array(1024), names: [], seq: null, asOf: 0, count: 0, changes: 0, index: null, isDense: null,
    };
  }

  function makeRoom(w, size) {
    if (size <= w.x.length) return;
    const length = Math.max(size, w.x.length * 2);
    for (const name of ["x", "y", "status", "suspect", "here", "at"]) {
      const grown = new w[name].constructor(length);
      grown.set(w[name]);
      w[name] = grown;
    }
  }

  /* One worker's place: degrees WGS-84, the instant of the fix in unix ms. */
  function place(w, index, lon, lat, status, suspect, at) {
    makeRoom(w, index + 1);
    w.count += 1 - w.here[index];
    w.here[index] = 1;
    w.x[index] = m.worldX(lon);
    w.y[index] = m.worldY(lat);
    w.status[index] = status;
    w.suspect[index] = suspect;
    w.at[index] = at;
    if (index >= w.size) w.size = index + 1;
  }

  function leave(w, index) { makeRoom(w, index + 1); w.count -= w.here[index]; w.here[index] = 0; }

  const live = { workers: newWorkers(), incidents: null, alerts: m.state.alerts, counts: {} };
  let past = null;                 // a picture of another moment, shown instead of the live one

  function takePositions(buffer) {
    const view = new DataView(buffer), w = live.workers;
    if (view.getUint32(0, false) !== 0x44525031) return;            // "DRP1"
    const kind = view.getUint8(4), count = view.getUint32(8, true), seq = view.getUint32(12, true);
    const asOf = view.getFloat64(16, true);
    if (kind === 1) { w.here.fill(0); w.count = 0; }
    else if (w.seq !== null && seq !== w.seq + 1) return room.live.resync("positions");
    w.seq = seq;
    w.asOf = asOf;
    room.live.counted("positions", seq, kind === 1);
    for (let i = 0, at = 32; i < count; i++, at += 12) {
      const word = view.getUint32(at, true), lon = view.getInt32(at + 4, true), index = word & 0xfffff;
      if (lon === NOWHERE) leave(w, index);
      else place(w, index, lon / 1e7, view.getInt32(at + 8, true) / 1e7, (word >>> 20) & 7, (word >>> 23) & 1, asOf - (word >>> 24) * 1000);
    }
    w.changes++;
    if (!past) m.redraw();
  }

  const now = () => (past ? past.workers.asOf : room.clock.now());

  function fadeOf(index, at) {
    const age = (at - m.workers.at[index]) / 1000;
    return age < FADE_S[0] ? 0 : age < FADE_S[1] ? 1 : 2;
  }

  function takeIncidents(message) {
    if (message.type === "snapshot") { m.clearIncidents(live.incidents); message.data.forEach((row) => m.putIncident(live.incidents, row)); }
    else { message.data.put.forEach((row) => m.putIncident(live.incidents, row)); message.data.gone.forEach((number) => m.takeIncident(live.incidents, number)); }
    if (!past) m.redraw(true);
  }

  function takeAlerts(message) {
    const known = live.alerts;
    if (message.type === "snapshot") { known.clear(); message.data.items.forEach((a) => known.set(a.alert, a)); }
    else { message.data.put.forEach((a) => known.set(a.alert, a)); message.data.gone.forEach((no) => known.delete(no)); }
    if (!past) m.redraw(true);
  }

  function takeKpi(message) {
    if (message.type === "snapshot") live.counts = { ...message.data.grids };
    else { Object.assign(live.counts, message.data.put.grids); message.data.gone.forEach((code) => delete live.counts[code]); }
    if (!past) { m.state.counts = live.counts; m.recolour(); }
  }

  /* The one door for another moment's picture; null brings the live one back. Live frames are kept meanwhile, not shown.

     {as_of: unix ms or ISO, workers: [[worker, lon, lat, at, status, accuracy_m, suspect, name?]], incidents: [[case, lon, lat,
     category, severity, standing]], alerts: [as /alerts has them], counts: {grid: [open, overdue, today]}}; the view stays. */
  function setPicture(picture) {
    past = picture && pastOf(picture);
    const shown = past || live;
    m.workers = shown.workers;
    m.incidents = shown.incidents;
    m.state.alerts = shown.alerts;
    m.state.counts = shown.counts;
    m.recolour();
    m.redraw(true);
  }

  const instantOf = (at) => (typeof at === "number" ? at : Date.parse(at));

  function pastOf({ as_of: asOf, workers = [], incidents = [], alerts = [], counts = {} }) {
    const w = newWorkers(), c = m.newIncidents();
    w.asOf = instantOf(asOf);
    workers.forEach(([worker, lon, lat, at, status, , suspect, name], index) => {
      if (status === "off_duty") return;
      place(w, index, lon, lat, STATUSES.indexOf(status), suspect ? 1 : 0, instantOf(at));
      w.names[index] = [worker, name || worker, ""];
    });
    w.changes++;
    incidents.forEach((row) => m.putIncident(c, row));
    return { workers: w, incidents: c, alerts: new Map(alerts.map((a) => [a.alert, a])), counts };
  }

  function placedAlerts() { return [...m.state.alerts.values()].filter((a) => a.lon !== null && a.lon !== undefined && (a.state === "new" || a.state === "acknowledged")); }

  const isCalling = (alert) => alert.state === "new" && alert.level === "red";

  room.live.on("binary", takePositions);
  room.live.on("roster", (message) => message.items.forEach(([index, id, name, grid]) => { live.workers.names[index] = [id, name, grid]; }));
  room.live.on("incidents", takeIncidents);
  room.live.on("alerts", takeAlerts);
  room.live.on("kpi", takeKpi);

  /* The store of incidents comes with a later file. */
  m.liveIncidents = (store) => { live.incidents = m.incidents = store; };
  Object.assign(m, { STATUSES, workers: live.workers, now, fadeOf, takePositions, placedAlerts, isCalling, setPicture, isPast: () => Boolean(past) });
})(window.room = window.room || {});
