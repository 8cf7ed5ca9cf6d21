/* The desk's map as its officer left it, over a reload of this tab: place and zoom, level, colours, layers. Selections only. */
(function (room) {
  "use strict";
  const KEPT = "room.map";
  if (location.pathname !== "/duty") return;
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(KEPT)) || {}; } catch (unreadable) { return {}; } };
  const keep = (more) => sessionStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...more }));

  let bound = null;
  function bind() {
    const { state } = room.map;
    if (!state.map || !state.layer || state.map === bound) return;
    bound = state.map;
    const map = bound, was = kept(), box = map.getContainer();
    let own = false, settled = !was.at;
    restore(state, was);
    if (was.at) setTimeout(() => { if (!own) show(map, was.at); settled = true; }, 300);   // once it stands, Dash pans to its own middle
    for (const event of ["mousedown", "wheel", "keydown", "touchstart"]) box.addEventListener(event, () => { own = settled = true; }, { passive: true });
    map.on("moveend", () => {
      const { lat, lng } = map.getCenter();
      if (settled && room.map.isTouched()) keep({ at: [lat, lng, map.getZoom()] });
    });
  }

  const show = (map, [lat, lng, zoom]) => map.setView([lat, lng], zoom, { animate: false });

  function restore(state, was) {
    if (was.at) {
      room.map.keepView();
      show(bound, was.at);
    }
    if (Number.isInteger(was.level)) room.map.setLevel(was.level);
    if (was.figure) room.map.setFigure(was.figure);
    for (const [name, on] of Object.entries(was.show || {})) if (state.show[name] !== on && name in state.show) room.map.toggle(name);
  }

  document.addEventListener("click", (event) => {
    const e = event.target.closest && event.target.closest("[data-level-button],[data-figure],[data-layer],[data-fit]");
    if (!e || !bound) return;
    if (e.dataset.fit) return keep({ at: null });
    const { level, figure, show } = room.map.state;
    keep({ level, figure, show: { ...show } });
  });
  if (window.L) L.Map.addInitHook(function () { this.whenReady(bind); });   // as soon as it has a view: nobody sees another first
})(window.room = window.room || {});
