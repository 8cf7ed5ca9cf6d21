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
    restore(state, kept());
    const box = bound.getContainer();
    let touched = Boolean(kept().at);
    for (const event of ["mousedown", "wheel", "keydown", "touchstart"]) box.addEventListener(event, () => { touched = true; }, { passive: true });
    bound.on("moveend", () => {
      const { lat, lng } = bound.getCenter();
      if (touched) keep({ at: [lat, lng, bound.getZoom()] });
    });
  }

  function restore(state, was) {
    if (was.at) {
      bound.getContainer().dispatchEvent(new Event("keydown"));   // a person's own view: it is not fitted again
      bound.setView([was.at[0], was.at[1]], was.at[2], { animate: false });
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
  setInterval(bind, 200);
})(window.room = window.room || {});
