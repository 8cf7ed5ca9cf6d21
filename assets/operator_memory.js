/* A map as its person left it, over a reload of this tab: place and zoom, level, colours, heat, layers; the desk's list and
   pane where they were scrolled to. Selections only, never what a case says. */
(function (room) {
  "use strict";
  if (!["/duty", "/"].includes(location.pathname)) return;
  const KEPT = "room.map" + location.pathname;
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
    if (was.method) room.map.state.method = was.method;
    if (was.figure) room.map.setFigure(was.figure);
    if (was.heat) room.map.showHeat(was.heat);
    for (const [name, on] of Object.entries(was.show || {})) if (state.show[name] !== on && name in state.show) room.map.toggle(name);
  }

  function keepChoices() {
    const { level, figure, method, show } = room.map.state;
    keep({ level, figure, method, show: { ...show }, heat: room.map.heatShown() });
  }

  document.addEventListener("click", (event) => {
    const e = event.target.closest && event.target.closest("[data-level-button],[data-figure],[data-layer],[data-method],#grid-heat,[data-fit]");
    if (!e || !bound) return;
    if (e.dataset.fit) return keep({ at: null });
    keepChoices();
  });
  document.addEventListener("change", (event) => { if (event.target.closest("[data-heat]")) keepChoices(); });

  /* Scrolled to: put back once, as soon as there is enough to scroll, unless the hand was there first. */
  const SCROLLED = [".inbox-groups", ".desk-right"], back = { ...kept().scrolled };
  let tries = 100;
  function scrollBack() {
    for (const part of Object.keys(back)) {
      const e = document.querySelector("#react-entry-point " + part);
      if (!e || e.scrollHeight - e.clientHeight < back[part]) continue;
      e.scrollTop = back[part];
      delete back[part];
    }
    if (Object.keys(back).length && --tries) setTimeout(scrollBack, 100);
    else tries = 0;
  }
  scrollBack();
  for (const event of ["wheel", "mousedown", "keydown", "touchstart"]) document.addEventListener(event, () => { tries = Math.min(tries, 1); }, { passive: true, once: true });
  document.addEventListener("scroll", (event) => {
    const part = !tries && event.target.matches && SCROLLED.find((each) => event.target.matches(each));
    if (part) keep({ scrolled: { ...kept().scrolled, [part]: event.target.scrollTop } });
  }, true);

  if (window.L) L.Map.addInitHook(function () { this.whenReady(bind); });   // as soon as it has a view: nobody sees another first
})(window.room = window.room || {});
