/* Hands at this screen: told to the server at most every ten seconds, and only that there were some. */
(function (room) {
  "use strict";
  const EVERY_MS = 10000;
  let toldAt = -EVERY_MS;

  function note() {
    const now = performance.now();
    if (now - toldAt < EVERY_MS || room.live.isStale()) return;
    toldAt = now;
    room.live.send({ type: "active" });
  }

  for (const act of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
    document.addEventListener(act, note, { capture: true, passive: true });
  }
})(window.room = window.room || {});
