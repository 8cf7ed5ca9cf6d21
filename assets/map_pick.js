/* Picking: what lies under the pointer, its small card, and the same by keyboard. */
(function (room) {
  "use strict";
  const m = room.map;
  const STATUS_WORDS = { available: "可派", dispatched: "已派", en_route: "途中", on_scene: "到场", off_duty: "离岗" };
  const STANDING_WORDS = { overdue: "超时", at_risk: "将超时", on_time: "时限内" };
  const SEVERITY_WORDS = { 1: "特急", 2: "紧急", 3: "一般", 4: "轻微" };
  const LEVEL_WORDS = { red: "红色", orange: "橙色", yellow: "黄色", blue: "蓝色" };

  const NEAR = () => m.unit() * 0.95;

  /* An alert before a case, a case before a bubble, a bubble before a worker. */
  function pick(point) {
    const f = m.state.layer.frame(), p = m.state.map.containerPointToLayerPoint(point).subtract(m.state.layer._bounds.min);
    const x = (p.x + f.dx) / f.scale, y = (p.y + f.dy) / f.scale, reach = NEAR() / f.scale;
    return nearAlert(x, y, reach / 0.6) || nearIncident(f, x, y, reach / 0.8) || nearBubble(f, p) || nearWorker(x, y, reach);
  }

  function nearAlert(x, y, reach) {
    let found = null;
    if (m.state.show.alerts) for (const a of m.placedAlerts()) {
      const d = Math.hypot(m.worldX(a.lon) - x, m.worldY(a.lat) - y);
      if (d < reach) { reach = d; found = { kind: "alert", id: a.alert, x: m.worldX(a.lon), y: m.worldY(a.lat) }; }
    }
    return found;
  }

  function nearIncident(f, x, y, reach) {
    if (!m.state.show.incidents) return null;
    const c = m.incidents;
    let best = null, least = reach;
    m.find(c).inBox(x - reach, y - reach, x + reach, y + reach, (i) => {
      const distance = Math.hypot(c.x[i] - x, c.y[i] - y);
      if (distance < least && !m.isInBubble(f, i)) { least = distance; best = i; }
    });
    return best === null ? null : { kind: "incident", id: c.numbers[best], x: c.x[best], y: c.y[best] };
  }

  function nearBubble(f, p) {
    const bubble = m.bubbleAt(f, p.x, p.y);
    return bubble && { kind: "bubble", id: bubble.first, x: bubble.x, y: bubble.y, bubble };
  }

  function nearWorker(x, y, reach) {
    if (!m.state.show.workers) return null;
    const found = m.find(m.workers).nearest(x, y, reach);
    return found && { kind: "worker", id: found[0], x: m.workers.x[found[0]], y: m.workers.y[found[0]] };
  }

  const card = document.createElement("div");
  card.className = "map-card";
  card.hidden = true;

  const LINES = {
    incident(found) {
      const i = m.incident(found.id);
      return i && [(m.state.config.categories || {})[i.category] || "其他", SEVERITY_WORDS[i.severity] + " · " + STANDING_WORDS[i.standing], found.id];
    },
    bubble({ bubble: b }) {
      const [fine, near, late] = b.standings;
      return [b.count + " 件", "超时 " + late + " · 将超时 " + near + " · 时限内 " + fine + (b.urgent ? " · 其中特急 " + b.urgent : ""), "单击放大"];
    },
    alert(found) {
      const a = m.state.alerts.get(found.id);
      return a && [(a.exercise ? "演练 · " : "") + a.kind, LEVEL_WORDS[a.level] + "预警 · " + (a.state === "new" ? "未确认 · 已 " + room.clock.spanWords((m.now() - Date.parse(a.at)) / 1000) : "已确认"), found.id];
    },
    worker(found) {
      const who = m.workers.names[found.id] || ["", "网格员", ""], age = (m.now() - m.workers.at[found.id]) / 1000;
      return [who[1] + "（" + who[0] + "）", STATUS_WORDS[m.STATUSES[m.workers.status[found.id]]] + " · 定位 " + room.clock.spanWords(age) + "前" + (m.workers.suspect[found.id] ? " · 可疑" : ""), (m.state.config.grid_names || {})[who[2]] || ""];
    },
    grid(found) {
      const row = m.state.counts[found.id] || [0, 0, 0];
      return [found.name, "在办 " + row[0] + " 件 · 超时 " + row[1] + " 件 · 今日 " + row[2] + " 件", "单击打开网格"];
    },
  };

  function showCard(found, point) {
    const told = found && LINES[found.kind](found);
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
    if (m.isDrawing() || m.state.map.dragging.moving()) return;
    const found = pick(event.containerPoint);
    m.state.map.getContainer().style.cursor = found || overGrid ? "pointer" : "";
    showCard(found || overGrid, event.containerPoint);
  }

  function choose(found) {
    m.state.picked = found && found.kind !== "grid" && found.kind !== "bubble" ? found : null;
    if (m.chosen) m.chosen(m.state.picked);
    m.redraw(true);
    if (found && found.kind === "incident") room.choose(found.id);
  }

  function click(event) {
    if (m.isDrawing()) return;
    const found = pick(event.containerPoint);
    if (found && found.kind === "bubble") m.state.map.setZoomAround(event.latlng, m.state.map.getZoom() + 1.5);
    else if (found) choose(found);
    else if (overGrid) location.assign("/grid/" + overGrid.id);
    showCard(found && found.kind !== "bubble" ? found : null, event.containerPoint);
  }

  /* By keyboard: the next incident in order of urgency; the view follows only because a person asked. */
  let stepAt = -1;
  function step(by) {
    const order = m.order(), c = m.incidents;
    if (!order.length) return;
    stepAt = (stepAt + by + order.length) % order.length;
    const i = order[order.length - 1 - stepAt], found = { kind: "incident", id: c.numbers[i], x: c.x[i], y: c.y[i] };
    choose(found);
    const f = m.state.layer.frame(), point = L.point(c.x[i] * f.scale - f.dx, c.y[i] * f.scale - f.dy).add(m.state.layer._bounds.min);
    const inView = m.state.map.layerPointToContainerPoint(point), size = m.state.map.getSize();
    if (inView.x < 0 || inView.y < 0 || inView.x > size.x || inView.y > size.y) m.state.map.panTo(m.state.map.layerPointToLatLng(point), { animate: false });
    showCard(found, m.state.map.layerPointToContainerPoint(point));
  }

  function point(number) {
    const i = m.incident(number);
    m.state.picked = i ? { kind: "incident", id: number, x: i.x, y: i.y } : null;
    if (m.chosen) m.chosen(m.state.picked);
    m.redraw(true);
  }

  Object.assign(m, { card, learnGrid, hover, click, step, point });
})(window.room = window.room || {});
