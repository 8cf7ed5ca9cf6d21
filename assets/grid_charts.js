/* A point of a chart opens what its customdata names: its rows, or the grid it stands for. */
(function () {
  "use strict";
  const SELECTOR = ".chart .js-plotly-plot";
  function hear(plot) {
    if (plot.roomHeard || !plot.on) return;
    plot.roomHeard = true;
    plot.on("plotly_click", ({ points }) => {
      const to = points[0].customdata;
      if (typeof to === "string" && to.startsWith("/")) window.location.assign(to);
    });
  }
  const look = () => document.querySelectorAll(SELECTOR).forEach(hear);
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    look();
  });
})();
