/* The Bokeh peer's page: when the plot that shows a change was painted. */
window.bench = { log: [] };
(function () {
  const channel = new MessageChannel();
  let plot = null, seen = null;
  channel.port1.onmessage = () => {              // the task right after the paint
    const stamp = plot.model.renderers[0].data_source.name;
    if (stamp === null || stamp === seen) return;
    seen = stamp;
    window.bench.log.push([Number(seen), performance.timeOrigin + performance.now()]);
  };
  const waiting = setInterval(() => {
    plot = window.Bokeh && Bokeh.index.roots && Bokeh.index.roots[0];
    if (!plot) return;
    clearInterval(waiting);
    plot.repainted.connect(() => channel.port2.postMessage(0));
  }, 50);
})();
