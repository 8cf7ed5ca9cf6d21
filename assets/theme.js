/* The theme of this screen: three sets of tokens, the next by F8 or click, remembered in a cookie that the server reads. */
(function (room) {
  "use strict";
  const NAMES = ["dark", "light", "contrast"], root = document.documentElement, YEAR_S = 31536000;

  function keep(name) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = (root.dataset.kept || "theme") + "=" + name + "; path=/; max-age=" + YEAR_S + "; samesite=strict" + secure;
  }

  /* Whatever draws on a canvas or hands colours on hears of it: CSS follows by itself. */
  function set(name) {
    if (!NAMES.includes(name)) return;
    root.dataset.theme = name;
    keep(name);
    window.dispatchEvent(new Event("resize"));           // the map asks its colours anew
    if (room.series) room.series.drawAll();
    restyle();
    window.dispatchEvent(new CustomEvent("room:theme", { detail: name }));
  }

  /* Polygons keep the colours they were given: each is asked for its style again. */
  function restyle() {
    const map = room.map && room.map.state && room.map.state.map;
    if (map) map.eachLayer((layer) => { if (layer.resetStyle) layer.resetStyle(); });
    if (room.map && room.map.drawLegend) room.map.drawLegend();
  }

  const name = () => root.dataset.theme || NAMES[0];
  function next() { set(NAMES[(NAMES.indexOf(name()) + 1) % NAMES.length]); }

  if (new URLSearchParams(location.search).get("theme") === name()) keep(name());   // asked for in the address: remembered
  document.addEventListener("click", (event) => { if (event.target.closest && event.target.closest("[data-next-theme]")) next(); });
  room.theme = { set, next, name };
})(window.room = window.room || {});
