/* 我首问的: asked for again after bells, at most every five seconds; 已阅 says up to where it was read. */
(function (room) {
  "use strict";

  const ASK = "first-contact-ask", PAUSE_MS = 5000;
  let waiting = null;

  function ask(more) {
    if (!document.getElementById("first-contact")) return;
    try { window.dash_clientside.set_props(ASK, { data: { ...more, at: Date.now() } }); } catch (notYet) { /* the page is still being made */ }
  }

  function soon() {
    if (waiting || !document.getElementById("first-contact")) return;
    waiting = setTimeout(() => { waiting = null; ask({}); }, PAUSE_MS * (0.6 + 0.4 * Math.random()));
  }

  room.live.on("hint", soon);
  room.live.on("open", soon);                  // what happened while the link was down

  document.addEventListener("click", (event) => {
    const read = event.target.closest && event.target.closest("[data-told-read]");
    if (read) ask({ read: Number(read.dataset.toldRead) });
  });
})(window.room = window.room || {});
