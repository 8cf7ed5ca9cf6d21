/* The link to /live: one socket, numbered frames, a beat every 2 s, and plain words when it is silent. */
(function (room) {
  "use strict";
  const TOPICS = ["positions", "incidents", "kpi", "alerts", "health", "panels"];
  const SILENT_MS = 4300;          // two missed beats: the banner is up within 5 s
  const RETRY_MS = [400, 8000];

  const isStill = location.pathname === "/charts" && window !== window.top;      // a scene that lives for half a minute
  const isPast = location.pathname === "/" && new URLSearchParams(location.search).has("at");   // fed by replay.js

  const listeners = {};
  const panels = new Map();        // panel id → newest frame, drawn when its place is there, and again in a new place
  const shown = new Set();         // panels that have been drawn
  const seqs = {};
  const asked = new Set();         // topics whose snapshot is on its way: what was sent before it is of no use
  let socket = null, epoch = "", heardAt = performance.now(), tries = 0, pictureAt = 0, refused = "";

  function on(type, hear) { (listeners[type] = listeners[type] || []).push(hear); }
  function tell(type, message) { for (const hear of listeners[type] || []) hear(message); }

  function silence() { return (performance.now() - heardAt) / 1000; }
  function isStale() { return performance.now() - heardAt > SILENT_MS; }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const link = socket = new WebSocket(scheme + location.host + "/live");
    link.binaryType = "arraybuffer";
    link.onopen = () => { asked.clear(); watch(); tell("open"); };
    link.onmessage = (event) => { if (link === socket) receive(event.data); };
    link.onclose = (event) => { if (link === socket) lost(event.code); };
  }

  function watch() {
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    const ask = { type: "watch", topics: TOPICS, scope: "", positions: "binary" };
    if (epoch && Object.keys(seqs).length) { ask.epoch = epoch; ask.since = { ...seqs }; }
    socket.send(JSON.stringify(ask));
  }

  /* A page that needs one more topic asks for it; the others go on from where they are. */
  function want(topic) { if (!TOPICS.includes(topic)) { TOPICS.push(topic); watch(); } }

  /* Say something that the server need not answer; unsaid when the link is down. */
  function send(message) {
    if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  }

  function lost(code) {
    socket = null;
    if (code === 4401) return location.assign(location.pathname === "/wall" ? "/wall" : "/login");
    if (code === 4403) { refused = "无权查看这里的实时数据"; return; }
    const wait = Math.min(RETRY_MS[1], RETRY_MS[0] * 2 ** tries++) * (0.5 + Math.random());
    setTimeout(connect, wait);
  }

  function receive(data) {
    heardAt = performance.now();
    tries = 0;
    if (data instanceof ArrayBuffer) return tell("binary", data);
    const message = JSON.parse(data);
    if (message.type === "snapshot" || message.type === "delta") return numbered(message);
    if (message.type === "beat") learnBeat(message);
    if (message.type === "panel") keepPanel(message);
    tell(message.type, message);
  }

  /* A gap, or another life of the server: forget the number and ask for a snapshot. */
  function numbered(message) {
    if (message.type === "delta" && (message.epoch !== epoch || message.seq !== seqs[message.topic] + 1)) {
      return resync(message.topic);
    }
    if (message.type === "snapshot") asked.delete(message.topic);
    if (message.epoch !== epoch) { for (const topic of Object.keys(seqs)) delete seqs[topic]; }
    epoch = message.epoch;
    seqs[message.topic] = message.seq;
    tell(message.topic, message);
  }

  function learnBeat(message) {
    room.clock.learn(Date.parse(message.server_at));
    const read = Date.parse((message.as_of || {}).kpi);
    if (read) pictureAt = Math.max(pictureAt, read);
  }

  /* What one topic lacks is asked for again; the others go on from where they are. */
  function resync(topic) {
    if (asked.has(topic)) return;
    asked.add(topic);
    delete seqs[topic];
    watch();
  }

  /* A topic that comes in frames of its own says how far it is. */
  function counted(topic, seq, isSnapshot) {
    seqs[topic] = seq;
    if (isSnapshot) asked.delete(topic);
  }

  function keepPanel(message) {
    panels.set(message.id, message);
    const asOf = Date.parse(message.as_of) || 0;
    pictureAt = isPast ? asOf : Math.max(pictureAt, asOf);
    applyPanels();
  }

  /* A panel waits until its place is on the page; an id that never comes is none of our business. */
  function applyPanels() {
    let drawn = false;
    for (const [id, message] of panels) {
      const root = document.getElementById(id);
      if (!root || message.root === root) continue;
      room.panels.draw(root, message.props);
      message.root = root;
      shown.add(id);
      drawn = true;
    }
    if (drawn) room.clock.tick();
  }

  /* A panel that was not sent again is unchanged as of the newest reading, which each beat names. */
  function markPanels() {
    const now = room.clock.now();
    for (const id of shown) {
      const panel = document.getElementById(id), label = panel && panel.querySelector(".as-of");
      if (!panel) continue;
      const asOf = pictureAt;
      const limit = Number(panel.dataset.limit || 15) * 1000;
      const old = !isPast && now - asOf > limit;
      panel.toggleAttribute("data-stale", old);
      if (label) room.clock.write(label, old ? "已 " + room.clock.spanWords((now - asOf) / 1000) + "未更新" : room.clock.clockWords(asOf));
    }
  }

  const banner = document.createElement("div");
  banner.id = "stale-banner";
  banner.setAttribute("role", "alert");
  banner.hidden = true;

  function markLink() {
    const stale = isStale() || refused !== "";
    if (stale) room.clock.write(banner, refused || "数据中断 · 已 " + Math.floor(silence()) + " 秒 · 画面停在 " + room.clock.clockWords(room.clock.now() - silence() * 1000));
    banner.hidden = !stale;
    document.documentElement.toggleAttribute("data-stale", stale);
    for (const e of document.querySelectorAll(".link-state")) {
      e.dataset.state = stale ? "down" : "ok";
      room.clock.write(e, stale ? "链路中断" : "链路正常");
    }
  }

  function watchdog() {
    applyPanels();
    markPanels();
    if (isPast || isStill) return;
    markLink();
    if (isStale() && socket && socket.readyState === WebSocket.OPEN) {   // silent black hole: the browser will not notice
      const dead = socket;
      socket = null;
      dead.onclose = null;
      dead.close();
      setTimeout(connect, 200 + Math.random() * 600);
    }
  }

  on("beat", (message) => {
    for (const [role, health] of Object.entries(message.health || {})) {
      const e = document.querySelector('[data-role="' + role + '"] .age');
      if (e) room.clock.write(e, health.age_s === null ? "" : health.age_s < 1 ? "刚刚" : room.clock.spanWords(health.age_s) + "前");
    }
  });

  document.addEventListener("DOMContentLoaded", () => document.body.appendChild(banner));
  if (document.body) document.body.appendChild(banner);
  setInterval(watchdog, 250);
  if (!isPast && !isStill) connect();
  room.live = { on, send, want, receive, isPast, isStale, silence, resync, counted, reconnect: () => socket && socket.close(), epoch: () => epoch };
})(window.room = window.room || {});
