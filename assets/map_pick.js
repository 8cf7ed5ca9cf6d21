/* Picking: what lies under the pointer, its small card, and the same by keyboard. */
(function (room) {
  "use strict";
  const m = room.map;
  const STATUSES = ["available", "dispatched", "en_route", "on_scene", "off_duty"];
  const STATUS_WORDS = { available: "可派", dispatched: "已派", en_route: "途中", on_scene: "到场", off_duty: "离岗" };
  const STANDING_WORDS = { overdue: "超时", at_risk: "将超时", on_time: "时限内" };
  const SEVERITY_WORDS = { 1: "特急", 2: "紧急", 3: "一般", 4: "轻微" };
  const LEVEL_WORDS = { red: "红色", orange: "橙色", yellow: "黄色", blue: "蓝色" };

  const NEAR = () => m.unit() * 0.95;

  function pick(point) {
    const f = m.state.layer.frame(), p = m.state.map.containerPointToLayerPoint(point).subtract(m.state.layer._bounds.min);
    const near = (x, y) => Math.hypot(x * f.scale - f.dx - p.x, y * f.scale - f.dy - p.y);
    let best = null, distance = NEAR();
    const offer = (d, made) => { if (d < distance) { distance = d; best = made(); } };
    if (m.state.show.alerts) for (const a of m.placedAlerts()) offer(near(m.worldX(a.lon), m.worldY(a.lat)) * 0.6, () => ({ kind: "alert", id: a.alert, x: m.worldX(a.lon), y: m.worldY(a.lat) }));
    if (m.state.show.incidents) for (const [no, i] of m.incidents) offer(near(i.x, i.y) * 0.8, () => ({ kind: "incident", id: no, x: i.x, y: i.y }));
    if (best === null && m.state.show.workers) {
      for (let i = 0; i < m.workers.size; i++) if (m.workers.here[i]) offer(near(m.workers.x[i], m.workers.y[i]), () => ({ kind: "worker", id: i, x: m.workers.x[i], y: m.workers.y[i] }));
    }
    return best;
  }

  const card = document.createElement("div");
  card.className = "map-card";
  card.hidden = true;

  function lines(found) {
    if (found.kind === "incident") {
      const i = m.incidents.get(found.id);
      if (!i) return null;
      return [(m.state.config.categories || {})[i.category] || "其他", SEVERITY_WORDS[i.severity] + " · " + STANDING_WORDS[i.standing], found.id];
    }
    if (found.kind === "alert") {
      const a = m.state.alerts.get(found.id);
      if (!a) return null;
      return [(a.exercise ? "演练 · " : "") + a.kind, LEVEL_WORDS[a.level] + "预警 · " + (a.state === "new" ? "未确认 · 已 " + room.clock.spanWords((room.clock.now() - Date.parse(a.at)) / 1000) : "已确认"), found.id];
    }
    if (found.kind === "worker") {
      const who = m.workers.names[found.id] || ["", "网格员", ""], age = (room.clock.now() - m.workers.at[found.id]) / 1000;
      return [who[1] + "（" + who[0] + "）", STATUS_WORDS[STATUSES[m.workers.status[found.id]]] + " · 定位 " + room.clock.spanWords(age) + "前" + (m.workers.suspect[found.id] ? " · 可疑" : ""), (m.state.config.grid_names || {})[who[2]] || ""];
    }
    const row = m.state.counts[found.id] || [0, 0, 0];
    return [found.name, "在办 " + row[0] + " 件 · 超时 " + row[1] + " 件 · 今日 " + row[2] + " 件", "单击打开网格"];
  }

  function showCard(found, point) {
    const told = found && lines(found);
    card.hidden = !told;
    if (!told) return;
    card.replaceChildren(...told.filter(Boolean).map((text, at) => { const e = document.createElement(at ? "span" : "b"); e.textContent = text; return e; }));
    const size = m.state.map.getSize(), gap = m.unit();
    const x = point.x + gap + card.offsetWidth > size.x ? point.x - gap - card.offsetWidth : point.x + gap;
    const y = Math.min(Math.max(4, point.y - card.offsetHeight / 2), size.y - card.offsetHeight - 4);
    card.style.transform = "translate(" + Math.max(4, x) + "px," + y + "px)";
  }

  let overGrid = null;
  function learnGrid(feature, layer) {
    m.learnName("inner", feature);
    layer.on("mouseover", () => { overGrid = { kind: "grid", id: feature.properties.code, name: feature.properties.name }; });
    layer.on("mouseout", () => { overGrid = null; });
  }

  function hover(event) {
    const found = pick(event.containerPoint);
    m.state.map.getContainer().style.cursor = found || overGrid ? "pointer" : "";
    showCard(found || overGrid, event.containerPoint);
  }

  function choose(found) {
    m.state.picked = found && found.kind !== "grid" ? found : null;
    m.redraw(true);
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
    const list = [...m.byUrgency()].reverse();
    if (!list.length) return;
    stepAt = (stepAt + by + list.length) % list.length;
    const [number, i] = list[stepAt], found = { kind: "incident", id: number, x: i.x, y: i.y };
    choose(found);
    const f = m.state.layer.frame(), point = L.point(i.x * f.scale - f.dx, i.y * f.scale - f.dy).add(m.state.layer._bounds.min);
    const inView = m.state.map.layerPointToContainerPoint(point);
    if (!m.state.map.getSize().contains || inView.x < 0 || inView.y < 0 || inView.x > m.state.map.getSize().x || inView.y > m.state.map.getSize().y) m.state.map.panTo(m.state.map.layerPointToLatLng(point), { animate: false });
    showCard(found, m.state.map.layerPointToContainerPoint(point));
  }

  function point(number) {
    const i = m.incidents.get(number);
    m.state.picked = i ? { kind: "incident", id: number, x: i.x, y: i.y } : null;
    m.redraw(true);
  }

  Object.assign(m, { card, learnGrid, hover, click, step, point });
})(window.room = window.room || {});
