/* The duty desk's own keys: who goes (1–9, Enter), and who else looks at the open case. */
(function (room) {
  "use strict";

  const isTyping = (e) => e && (e.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(e.tagName));

  /* A digit sends the row that stands beside it; Enter sends the first. Before the map hears of it. */
  function send(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    if (event.key === "Enter" && event.target.closest("button,a,[role=button]")) return;
    const digit = event.key === "Enter" ? "1" : event.key;
    if (!/^[1-9]$/.test(digit)) return;
    const row = document.querySelector('#case-detail [data-pick="' + digit + '"]');
    if (!row || row.disabled) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    row.click();
  }
  document.addEventListener("keydown", send, true);

  /* Others who have the same case open are named beside it, at once. */
  let told = null;
  function look() {
    const own = /^\/case\/([^/]+)$/.exec(location.pathname);
    const number = room.chosen() || (own ? decodeURIComponent(own[1]) : "");
    if (number === told) return;
    told = number;
    const place = document.getElementById("case-detail-looking");
    if (place) place.textContent = "";
    room.live.send({ type: "look", case: number });
  }
  room.live.on("open", () => { told = null; look(); });
  room.live.on("looks", (message) => {
    const place = document.getElementById("case-detail-looking");
    if (place && message.case === told) place.textContent = message.by.length ? message.by.join("、") + " 也在看此案" : "";
  });
  room.look = look;
})(window.room = window.room || {});
