/* Charts as a scene of the wall: loaded once, and given new figures where they stand, one chart at a time while nothing else waits. */
(function (room) {
  "use strict";
  if (location.pathname !== "/charts" || !new URLSearchParams(location.search).has("scene")) return;
  const CHART = "chart-";
  const LONGEST_WAIT_MS = 5000;

  const idle = () => new Promise((done) => requestIdleCallback(done, { timeout: LONGEST_WAIT_MS }));

  /* The charts in a page's layout as Dash sends it: components whose id begins so. */
  function chartsIn(component) {
    if (Array.isArray(component)) return component.flatMap(chartsIn);
    if (component === null || typeof component !== "object") return [];
    if (String(component.props.id || "").startsWith(CHART)) return [component.props];
    return chartsIn(component.props.children || []);
  }

  /* Rejects when the page cannot be read; what stands then stays, with its own time. */
  async function renew() {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error("charts: " + answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const chart of chartsIn(JSON.parse(page.querySelector('[data-answer="/_dash-layout"]').textContent))) await renewChart(chart);
  }

  /* Part by part: a figure goes into the drawing that stands, without making a new one. */
  async function renewChart({ id, children }) {
    const isSame = document.getElementById(id).children.length === children.length;
    if (!isSame) { await idle(); return window.dash_clientside.set_props(id, { children }); }
    for (const part of children) {
      const graph = part.props.children && part.props.children.props && part.props.children.props.figure ? part.props.children.props : null;
      await idle();
      if (graph) window.dash_clientside.set_props(graph.id, { figure: graph.figure });
      else window.dash_clientside.set_props(part.props.id, { children: part.props.children });
    }
    return undefined;
  }

  const stand = () => document.querySelectorAll(".chart .js-plotly-plot .main-svg").length > 0;
  room.charts = { renew, stand };
})(window.room = window.room || {});
