/* The first picture: the page's own layout drawn before Dash stands, its map by plain Leaflet, live from the first moment.

   Dash needs about a second before it draws anything. The layout it will draw came with the page, so we draw it here, and
   take ours away when dash-leaflet shows the same polygons in the same colours. Nobody can act on it: it is a picture. */
(function (room) {
  "use strict";
  const MOST_MS = 4000;            // that Dash's page may stand with another map than ours before it is shown all the same
  const AWAIT_MS = 200;            // that the layout waits for its polygons: drawn with them, it is laid out and painted once
  const place = document.getElementById("first-picture"), rest = document.getElementById("rest-of-page");
  if (!place) return;
  const maps = [];                 // [Leaflet map, its layers of polygons]
  const described = [];            // what dash-leaflet's maps will be made of, in the page's order
  const layout = plain(JSON.parse(window.brought("/_dash-layout")));
  const polygons = new Map();      // address → promise of its polygons: asked for while the other scripts still run
  for (const map of described) for (const layer of map.children) polygons.set(layer.props.url, ask(layer.props.url));

  /* The layout without what only Dash can draw; each map becomes an empty box, its description is kept. */
  function plain(component) {
    if (Array.isArray(component)) return component.map(plain);
    if (component === null || typeof component !== "object") return component;
    if (component.namespace === "dash_leaflet") { described.push(component.props); return { type: "Div", props: { className: component.props.className } }; }
    if (component.namespace !== "dash_html_components") return null;
    return { type: component.type, props: { ...component.props, children: plain(component.props.children) } };
  }

  async function ask(url) {
    const answer = await fetch(url);
    return answer.ok ? answer.json() : null;
  }

  async function draw() {
    await Promise.race([Promise.all(polygons.values()), new Promise((next) => setTimeout(next, AWAIT_MS))]);
    room.panels.draw(place, { children: layout, ...standing });
    for (const e of place.querySelectorAll("[id]")) delete e.panelProps;       // a panel's news must not take its place away
    const boxes = place.querySelectorAll(".map");
    await Promise.all(described.map((map, at) => drawMap(boxes[at], map)));
  }

  const standing = { id: place.id, className: place.className, inert: "", "aria-hidden": "true" };

  function drawMap(box, described) {
    const map = new L.Map(box, { ...described, center: undefined }), layers = [];   // ready, as Dash's, once it fits its area
    map.fitBounds(described.bounds, described.boundsOptions);
    maps.push([map, layers]);
    return Promise.all(described.children.map((layer) => drawPolygons(map, layers, layer.props)));
  }

  const named = ({ variable }) => variable.split(".").reduce((from, name) => from[name], window);

  async function drawPolygons(map, layers, { url, style, onEachFeature, hideout, ...options }) {
    const found = await polygons.get(url);
    if (!found) return;
    const dressed = (feature) => named(style)(feature, { hideout: colours || hideout });
    layers.push(L.geoJSON(found, { ...options, style: dressed, onEachFeature: named(onEachFeature) }).addTo(map));
  }

  /* Figures come before Dash does. Says whether this picture's map is still the room's only one. */
  let colours = null, colouredAs = "";
  function recolour(hideout, text) {
    colours = hideout;
    if (text !== colouredAs) maps.forEach(([, layers]) => layers.forEach((layer) => layer.setStyle(layer.options.style)));
    colouredAs = text;
    return maps.some(([map]) => map === room.map.state.map);
  }
  room.firstPicture = { recolour };

  let begun = false;
  function beginRest() {
    if (begun) return;
    begun = true;
    const script = document.createElement("script");
    script.src = rest.href;
    document.head.appendChild(script);
    takeOver();
  }

  const afterFrame = (next) => requestAnimationFrame(() => setTimeout(next));
  const colouring = (root) => [...root.querySelectorAll("#incident-map .grid-cell")].map((path) => path.getAttribute("fill")).join();

  /* Where a map shows its area, in whole pixels of its box: paths themselves differ beyond its edges, where they are clipped. */
  const view = (map, [southWest, northEast]) => [southWest, northEast].map((at) => map.latLngToContainerPoint(at).round()).join();

  /* Dash's map shows the same polygons in the same places and colours; a page without a map is the same at once. */
  function isSame(dash) {
    if (!maps.length) return true;
    const [ours] = maps[0], theirs = room.map.state.map, colours = colouring(place);
    return theirs && theirs !== ours && colours !== "" && colouring(dash) === colours
      && view(theirs, described[0].bounds) === view(ours, described[0].bounds);
  }

  /* Timers, not frames: a page in the background gets none. A map whose polygons never come must not hold the page. */
  let standsSince = 0;
  function takeOver() {
    const dash = document.getElementById("react-entry-point");
    if (dash.querySelector(".page > *")) {
      standsSince = standsSince || performance.now();
      if (isSame(dash)) return end();
      if (performance.now() - standsSince > MOST_MS) { console.warn("Dash's map is not that of the first picture"); return end(); }
    }
    setTimeout(takeOver, 30);
  }

  function end() {
    for (const [map] of maps) map.remove();
    place.remove();
    delete room.firstPicture;
  }

  for (const kind of ["keydown", "click"]) window.addEventListener(kind, (event) => { if (place.isConnected) event.stopImmediatePropagation(); }, true);
  document.addEventListener("DOMContentLoaded", () => {
    setTimeout(beginRest, 1000);   // whatever happens to the picture, the page must come
    draw().catch((problem) => console.warn("no first picture", problem)).then(() => (document.hidden ? beginRest() : afterFrame(beginRest)));
  });
})(window.room = window.room || {});
