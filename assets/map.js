/* The map's one layer, hooked into the map that dash-leaflet makes; the other map_*.js files fill it. */
(function (room) {
  "use strict";
  const m = room.map = { overlays: [] };       // what the other map files add to and share; overlays are painted last

  const state = {
    map: null, layer: null, config: {}, level: 0, figure: "open", method: "steps", counts: {}, alerts: new Map(),
    heat: null, show: { workers: true, incidents: true, alerts: true, labels: true, cameras: false, places: false, lines: true }, picked: null,
  };

  /* Style questions are slow to ask in every frame: asked once, forgotten when the window changes. */
  let asked = {};
  const style = (name, ask) => (name in asked ? asked[name] : (asked[name] = ask()));
  let inked = null;                // what names the colours while another theme is painted than the screen's
  const token = (name) => style(name, () => getComputedStyle(inked || document.querySelector(".page") || document.documentElement).getPropertyValue("--" + name).trim());

  /* Paint in the colours of another theme and come back, within one frame: nobody sees it. */
  function inTheme(name, work) {
    inked = document.body.appendChild(document.createElement("div"));
    inked.dataset.theme = name;
    const forget = () => { m.forgetSprites(); asked = {}; wantSigns = true; draw(); };
    try { forget(); return work(); } finally { inked.remove(); inked = null; forget(); }
  }
  const unit = () => style("unit", () => parseFloat(getComputedStyle(document.documentElement).fontSize));
  const family = () => style("family", () => getComputedStyle(document.body).fontFamily);
  const worldX = (lon) => lon / 360 + 0.5;
  function worldY(lat) {
    const sine = Math.sin((lat * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  }

  /* One canvas for those who walk, redrawn with every frame; one above it for names, incidents and alerts. */

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
    if (m.workers.asOf) { log.push([m.workers.asOf, drawnAt]); if (log.length > 600) log.splice(0, 300); }
    if (room.drawn) room.drawn(m.workers.asOf, drawnAt);
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
        events.move = this._keepPainted;
        return events;
      },
      _onZoomEnd() {},
      _update() {
        if (this._map._animatingZoom && this._bounds) return;
        L.Renderer.prototype._update.call(this);
        const ratio = window.devicePixelRatio || 1, size = this._bounds.getSize();
        for (const canvas of [this._walk, this._sign]) {
          if (canvas.width === Math.floor(size.x * ratio) && canvas.height === Math.floor(size.y * ratio)) continue;
          canvas.width = size.x * ratio;
          canvas.height = size.y * ratio;
          canvas.style.width = size.x + "px";
          canvas.style.height = size.y + "px";
        }
        if (this._pixels && (this._pixels.width !== this._walk.width || this._pixels.height !== this._walk.height)) this._pixels = null;
        L.DomUtil.setPosition(this._container, this._bounds.min);
        wantSigns = true;
        this.paint();
      },
      /* While a hand drags the map past what is painted, it is painted again; otherwise the browser only moves it. */
      _keepPainted() {
        const view = this._map.containerPointToLayerPoint([0, 0]), far = this._bounds;
        if (!far || (far.contains(view) && far.contains(view.add(this._map.getSize())))) return;
        this._update();
      },
      _updatePaths() {},
      /* From world units (0–1) to pixels of these canvases. */
      frame() {
        const scale = 256 * 2 ** this._map.getZoom(), origin = this._map.getPixelOrigin().add(this._bounds.min);
        return { scale, dx: origin.x, dy: origin.y, width: this._bounds.getSize().x, height: this._bounds.getSize().y };
      },
      paint() {
        const f = this.frame();
        m.paintWorkers(this, f);
        if (!wantSigns) return;
        wantSigns = false;
        const pen = this._pen, ratio = window.devicePixelRatio || 1;
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        pen.clearRect(0, 0, f.width, f.height);
        m.paintGround(pen, f);
        if (state.show.alerts) m.paintAreas(pen, f);
        m.placeLabels(f);
        if (state.show.incidents) m.paintIncidents(pen, f, true);
        m.paintPoints(pen, f);
        if (state.show.labels) m.paintLabels(pen);
        if (state.show.incidents) m.paintIncidents(pen, f, false);
        if (state.show.alerts) m.paintAlerts(pen, f);
        for (const paint of m.overlays) paint(pen, f);
        if (state.picked) m.paintPicked(pen, f);
      },
    });
    return new Moving();
  }

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
      map.getContainer().appendChild(m.card);
      m.bindTools(map);
      m.bindScale(map);
      m.keepFitted(map);
      map.on("mousemove", m.hover);
      map.on("mouseout", () => { m.card.hidden = true; });
      map.on("click", m.click);
      m.mark();
      m.drawLegend();
      redraw(true);
    });
  }

  if (window.L) L.Map.addInitHook(function () { begin(this); });
  window.addEventListener("resize", () => { m.forgetSprites(); asked = {}; redraw(true); });
  setInterval(() => redraw(), 10000);                 // fixes fade even when nothing moves

  Object.assign(m, { state, token, inTheme, unit, family, worldX, worldY, redraw, log, paintNow: () => { wantSigns = true; draw(); } });
  room.stats = () => ({ workers: m.workers.count, incidents: m.incidents.count, drawn_at: drawnAt, seq: m.workers.seq, stale: room.live.isStale() });
})(window.room = window.room || {});
