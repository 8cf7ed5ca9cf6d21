/* The ground map, where a room has one: tiles of our own or of a server that the room names, laid where WGS-84 says. */
(function (room) {
  "use strict";
  const m = room.map;
  const AXIS = 6378245, SQUARED = 0.00669342162296594323, RAD = Math.PI / 180;
  let told = null, layer = null;

  /* How far GCJ-02 moves a place, in degrees; the community's published formula, as geo/crs.py has it. */
  function moved(lon, lat) {
    const x = lon - 105, y = lat - 35, root = Math.sqrt(Math.abs(x));
    const waves = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves +
      (20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * (2 / 3) + (160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * (2 / 3);
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves +
      (20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * (2 / 3) + (150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * (2 / 3);
    const bent = 1 - SQUARED * Math.sin(lat * RAD) ** 2;
    return [east / ((AXIS / Math.sqrt(bent)) * Math.cos(lat * RAD) * RAD), north / (((AXIS * (1 - SQUARED)) / bent ** 1.5) * RAD)];
  }

  const toGcj = ([lon, lat]) => { const [east, north] = moved(lon, lat); return [lon + east, lat + north]; };

  function toWgs([lon, lat]) {
    let found = [lon, lat];
    for (let round = 0; round < 4; round++) { const shown = toGcj(found); found = [found[0] + lon - shown[0], found[1] + lat - shown[1]]; }
    return found;
  }

  const pair = ({ lng, lat }) => [lng, lat];
  const place = ([lon, lat]) => L.latLng(lat, lon);

  /* Each tile lies where its own corner truly is, so an error never grows across a town; which tiles are asked for moves along. */
  function moving() {
    return L.TileLayer.extend({
      _getTilePos(coords) {
        const corner = this._map.unproject(coords.scaleBy(this.getTileSize()), coords.z);
        return this._map.project(place(toWgs(pair(corner))), coords.z).subtract(this._level.origin).round();
      },
      _getTiledPixelBounds(center) {
        const plain = L.TileLayer.prototype._getTiledPixelBounds.call(this, center), zoom = this._tileZoom;
        const by = this._map.project(place(toGcj(pair(center))), zoom).subtract(this._map.project(center, zoom));
        return L.bounds(plain.min.add(by), plain.max.add(by));
      },
    });
  }

  const isForeign = () => told.url.includes("://");

  function makeLayer() {
    const Tiles = told.datum === "gcj02" ? moving() : L.TileLayer;
    const made = new Tiles(told.url, { minZoom: 0, minNativeZoom: told.least, maxNativeZoom: told.most, maxZoom: 24, className: "base-tile", ...(isForeign() && !refused ? { crossOrigin: "" } : {}) });
    made.on("tileerror", withoutCors);
    return made;
  }

  /* A server that does not let pictures be copied: shown all the same, but not on what is exported. */
  let refused = false, loaded = false;
  function withoutCors() {
    if (!isForeign() || refused || loaded) return;
    refused = true;
    showAgain();
  }

  const note = document.createElement("div");
  note.className = "map-base-note";

  function show(map) {
    if (layer) layer.remove();
    layer = null;
    if (m.state.show.base) {
      layer = makeLayer().addTo(map);
      layer.on("tileload", () => { loaded = true; });
      note.textContent = told.note;
      if (told.note) map.getContainer().appendChild(note);
    } else note.remove();
    map.eachLayer((each) => { if (each.resetStyle) each.resetStyle(); });
  }

  function showAgain() { if (m.state.map && told && told.url) show(m.state.map); }

  async function learn() {
    if (told) return told;
    const answer = await fetch("/map/base.json").catch(() => null);
    return answer && answer.ok ? (told = await answer.json()) : {};
  }

  async function begin(map) {
    if (!map.getContainer().closest("#incident-map") || !(await learn()).url || map !== m.state.map) return;
    document.querySelectorAll('[data-layer="base"]').forEach((e) => { e.hidden = false; });
    show(map);
  }

  m.state.show.base = true;
  if (window.L) L.Map.addInitHook(function () { this.whenReady(() => requestIdleCallback(() => begin(this), { timeout: 2000 })); });
  Object.assign(m, {
    showBase: showAgain, hasBase: () => layer !== null, isBaseCopied: () => !refused, toGcj, toWgs,
    baseName: () => (layer ? " · 底图：" + (told.note || "本地瓦片") + (refused ? "（不许复制，未入图）" : "") : ""),
  });
})(window.room = window.room || {});
