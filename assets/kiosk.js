/* The wall without a person: scenes take turns while it is calm, and a watchdog loads the page anew without losing its place. */
(function (room) {
  "use strict";
  const PLACE = "kiosk-place";
  const DOWN_MS = 60000, FROZEN_MS = 30000, FULL_MB = 1200, NIGHT_HOUR = 4, LONG_MS = 20 * 3600 * 1000, CHARTS_MS = 900e3, RETRY_MS = 60e3;
  const born = Date.now();
  let scene = "overview", since = Date.now(), touchedAt = -Infinity, frameAt = Date.now(), downSince = 0, firstEpoch = "";

  const kiosk = () => document.querySelector("#react-entry-point [data-kiosk]");
  const isQuiet = () => document.documentElement.dataset.alarm !== "calls" && document.documentElement.dataset.alarm !== "flood" && !room.live.isStale();
  const heatButton = () => document.querySelector("#react-entry-point #grid-heat");

  /* The place of the map is where a scene stands, at whatever size of wall. */
  function measure() {
    const box = document.querySelector("#react-entry-point #incident-map .leaflet-container");
    if (!box) return;
    const { left, top, width, height } = box.getBoundingClientRect(), style = document.documentElement.style;
    for (const [name, value] of Object.entries({ left, top, width, height })) {
      const px = Math.round(value) + "px";
      if (style.getPropertyValue("--scene-" + name) !== px) style.setProperty("--scene-" + name, px);
    }
  }

  function show(name) {
    scene = name;
    since = Date.now();
    document.documentElement.dataset.scene = name;
    const heat = heatButton();
    if (heat && (heat.getAttribute("aria-pressed") === "true") !== (name === "heat")) heat.click();
    keepPlace();
  }

  /* Charts are a page of their own in an unseen frame. To load it holds the wall up for a second or two, so that is done once,
     when the wall has just been opened; later it takes new figures where it stands (assets/charts_scene.js). */
  let renewedAt = 0;
  const chartsPlace = () => document.querySelector("#react-entry-point .scene-charts");
  const chartsStand = () => chartsPlace() !== null && chartsPlace().classList.contains("stands");
  const framed = () => { try { return chartsPlace().firstChild.contentWindow.room; } catch (elsewhere) { return null; } };   // an error page is not ours

  function frameCharts() {
    const place = chartsPlace(), frame = document.createElement("iframe");
    if (!place) return;
    frame.title = "图表";
    frame.tabIndex = -1;
    frame.src = place.dataset.frame + "&theme=" + room.theme.name();
    frame.onload = () => standCharts(place, Date.now() + RETRY_MS);
    place.replaceChildren(frame);
  }

  /* Loaded is not drawn; what is not drawn within a minute is begun anew. */
  function standCharts(place, patience) {
    const room = framed(), drawn = room && room.charts && room.charts.stand();
    if (!drawn) return Date.now() < patience ? setTimeout(standCharts, 500, place, patience) : frameCharts();
    renewedAt = Date.now();
    return place.classList.add("stands");
  }

  /* Never while somebody may be looking at them; old figures carry their time, and are tried again in a minute. */
  function renewCharts() {
    if (scene === "charts" || !chartsStand() || Date.now() - renewedAt < CHARTS_MS) return;
    renewedAt = Date.now();
    framed().charts.renew().catch(() => { renewedAt = Date.now() - CHARTS_MS + RETRY_MS; });
  }
  window.addEventListener("room:theme", ({ detail }) => { if (chartsStand()) framed().theme.set(detail); });

  /* A wall that has room for the board shows it beside the map all the time: a scene of it would only leave a hole there. */
  function boardStands() {
    const board = document.querySelector("#react-entry-point #case-board"), map = document.querySelector("#react-entry-point #incident-map");
    return scene !== "board" && board !== null && board.offsetWidth > map.offsetWidth / 2;
  }

  function turn() {
    const place = kiosk();
    if (!place) return;
    measure();
    renewCharts();
    if (!isQuiet()) { if (scene !== "overview") show("overview"); since = Date.now(); return; }
    if (Date.now() - touchedAt < Number(place.dataset.stayS) * 1000) { since = Date.now(); return; }
    if (Date.now() - since < Number(place.dataset.sceneS) * 1000) return;
    const scenes = place.dataset.kiosk.split(" ").filter((each) => (each !== "charts" || chartsStand()) && (each !== "board" || !boardStands()));
    show(scenes[(scenes.indexOf(scene) + 1) % scenes.length]);
  }

  /* A view is kept only when a hand chose it: the map itself shows its whole area, and knows its size better than an older page. */
  function keepPlace() {
    const map = room.map && room.map.isTouched() && room.map.state.map;
    const view = map ? [map.getCenter().lat, map.getCenter().lng, map.getZoom()] : null;
    sessionStorage.setItem(PLACE, JSON.stringify({ scene, view }));
  }

  function takePlace() {
    const kept = JSON.parse(sessionStorage.getItem(PLACE) || "null");
    if (!kept) return;
    if (kept.view && room.map && room.map.state.map) room.map.state.map.setView([kept.view[0], kept.view[1]], kept.view[2], { animate: false });
    show(kept.scene);
  }

  /* Load anew, but never from a server that does not answer: the old picture with its words is better than none. */
  async function reload(why) {
    try { if (!(await fetch("/healthz", { cache: "no-store" })).ok) return; } catch (unreachable) { return; }
    keepPlace();
    sessionStorage.setItem("kiosk-reloaded", JSON.stringify({ why, at: new Date().toISOString() }));
    location.reload();
  }

  function watch() {
    const now = Date.now(), heap = performance.memory ? performance.memory.usedJSHeapSize / 2 ** 20 : 0;
    downSince = room.live.isStale() ? downSince || now : 0;
    firstEpoch = firstEpoch || room.live.epoch();
    if (downSince && now - downSince > DOWN_MS) { downSince = now; return reload("link"); }
    if (!document.hidden && now - frameAt > FROZEN_MS) { frameAt = now; return reload("frozen"); }
    if (!isQuiet()) return undefined;
    if (heap > FULL_MB) return reload("memory");
    if (now - born > LONG_MS && new Date().getHours() === NIGHT_HOUR) return reload("night");
    if (firstEpoch && room.live.epoch() !== firstEpoch) return reload("server");      // another server: perhaps other pages
    return undefined;
  }

  function frame() { frameAt = Date.now(); setTimeout(() => requestAnimationFrame(frame), 1000); }

  function begin() {
    if (document.getElementById("first-picture") || !kiosk()) return setTimeout(begin, 300);
    document.documentElement.dataset.kioskOn = "";
    measure();
    takePlace();
    if (!document.documentElement.dataset.scene) show("overview");
    frame();
    setTimeout(frameCharts, 2000);
    setInterval(turn, 500);
    setInterval(watch, 5000);
    setInterval(keepPlace, 15000);
    return undefined;
  }

  if (location.pathname !== "/wall") return;

  /* A hand holds the scene, moves the map, wakes the sound or changes the theme. Nothing else it does leads anywhere: this screen
     may open no other page, and would stand dark before one. What scripts press themselves goes through. */
  const MAY = ".wall-sound, [data-next-theme]", KEYS = ["F5", "F8", "F11", "F12", "Tab"];
  const leads = (event) => (event.type === "keydown" ? !KEYS.includes(event.key) : !event.target.closest || !event.target.closest(MAY));
  for (const act of ["pointerdown", "keydown", "wheel"]) window.addEventListener(act, () => { touchedAt = Date.now(); }, { passive: true, capture: true });
  for (const act of ["click", "dblclick", "submit", "keydown"]) window.addEventListener(act, (event) => {
    if (!event.isTrusted || !leads(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
  window.addEventListener("pointerdown", (event) => { if (event.target.closest && event.target.closest(".time-track")) event.stopImmediatePropagation(); }, { capture: true });

  document.addEventListener("DOMContentLoaded", begin);
  room.kiosk = { show, scene: () => scene, isQuiet };
})(window.room = window.room || {});
