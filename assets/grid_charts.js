/* A point of a chart opens what its customdata names: its rows, or the grid it stands for. Its type grows with the page's. */
(function () {
  "use strict";
  const SELECTOR = ".chart .js-plotly-plot", USUAL_PX = 14;
  function hear(plot) {
    if (plot.roomHeard || !plot.on) return;
    plot.roomHeard = true;
    plot.on("plotly_click", ({ points }) => {
      const to = points[0].customdata;
      if (typeof to === "string" && to.startsWith("/")) window.location.assign(to);
    });
    grow(plot);
  }

  /* Plotly knows pixels only: on a wall of larger type its words, margins and height take the page's size. */
  function grow(plot) {
    const unit = parseFloat(getComputedStyle(document.documentElement).fontSize), share = unit / USUAL_PX;
    if (share < 1.2 || !window.Plotly) return;
    const { l, r, t, b } = plot._fullLayout.margin, high = plot.layout.height && plot.layout.height * share;
    const changes = { "font.size": unit, margin: { l: l * share, r: r * share, t: t * share, b: b * share } };
    (plot.layout.annotations || []).forEach((each, at) => { changes[`annotations[${at}].font.size`] = unit; });
    if (high) {
      changes.height = high;
      plot.closest(".dash-graph").style.height = plot.closest(".chart").style.minHeight = `${high}px`;
    }
    window.Plotly.relayout(plot, changes);
  }

  const look = () => document.querySelectorAll(SELECTOR).forEach(hear);
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    look();
  });
})();
