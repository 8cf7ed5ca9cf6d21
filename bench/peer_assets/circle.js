/* The peers' map: each feature a canvas circle marker, as dash-leaflet's documentation shows; and when it was drawn. */
window.bench = { stamp: 0, log: [] };
window.bench.circle = function (feature, latlng) {
  if (feature.properties.stamp) window.bench.stamp = feature.properties.stamp;
  return L.circleMarker(latlng, { radius: 4, weight: 1 });
};
(function () {
  const redraw = L.Canvas.prototype._redraw, channel = new MessageChannel();
  let seen = 0;
  channel.port1.onmessage = () => {
    if (window.bench.stamp === seen) return;
    seen = window.bench.stamp;
    window.bench.log.push([seen, performance.timeOrigin + performance.now()]);
  };
  L.Canvas.prototype._redraw = function () {
    redraw.call(this);
    channel.port2.postMessage(0);                // the task right after the frame that drew
  };
})();
