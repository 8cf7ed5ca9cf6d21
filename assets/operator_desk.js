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

  /* Taking a call: the form stands over the inbox; Ctrl+Enter files, Alt+digit takes a suggested kind. */
  const KEPT = "room.desk";                     // selections only, of this tab; never what a case says
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(KEPT)) || {}; } catch (unreadable) { return {}; } };
  const keep = (more) => sessionStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...more }));
  const isTaking = () => document.documentElement.hasAttribute("data-taking");

  function take(on) {
    document.documentElement.toggleAttribute("data-taking", on);
    keep({ taking: on });
    const words = document.getElementById("taking-call-words");
    if (on && words) words.focus();
  }

  document.addEventListener("click", (event) => { if (event.target.closest("[data-take]")) take(!isTaking()); });

  function takeKeys(event) {
    if (!isTaking()) return;
    const stop = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    if (event.key === "Enter" && event.ctrlKey) { stop(); document.getElementById("taking-call-submit").click(); }
    else if (event.altKey && /^Digit[1-3]$/.test(event.code)) {
      const kind = document.querySelector('[data-kind-pick="' + event.code.slice(5) + '"]');
      if (kind) { stop(); kind.click(); }
    } else if (event.key === "Escape" && !isTyping(event.target)) { stop(); take(false); }
  }
  document.addEventListener("keydown", takeKeys, true);

  /* While a call is taken a click on the map says where; a drag does not, and nothing else hears the click. */
  let down = null;
  document.addEventListener("mousedown", (event) => { down = [event.clientX, event.clientY]; }, true);
  function place(event) {
    const map = isTaking() && event.target.closest(".leaflet-container") && !event.target.closest(".leaflet-control,button");
    if (!map || !down || Math.hypot(event.clientX - down[0], event.clientY - down[1]) > 4) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const at = room.map.state.map.mouseEventToLatLng(event);
    window.dash_clientside.set_props("taking-call-point", { data: { lon: at.lng, lat: at.lat } });
  }
  document.addEventListener("click", place, true);

  /* A reload finds the desk as it was: the open case and the form. */
  function restore() {
    if (location.pathname !== "/duty") return;
    const was = kept(), ready = document.getElementById("case-detail");
    if (!ready) return void setTimeout(restore, 100);
    if (was.taking && document.getElementById("taking-call")) take(true);
    if (was.chosen && !room.chosen()) room.choose(was.chosen);
  }
  restore();

  /* Others who have the same case open are named beside it, at once. */
  let told = null;
  function look() {
    const own = /^\/case\/([^/]+)$/.exec(location.pathname);
    const number = room.chosen() || (own ? decodeURIComponent(own[1]) : "");
    if (number === told) return;
    told = number;
    if (location.pathname === "/duty") keep({ chosen: number });
    const place = document.getElementById("case-detail-looking");
    if (place) place.textContent = "";
    room.live.send({ type: "look", case: number });
  }
  room.live.on("open", () => { told = null; if (room.chosen() || location.pathname !== "/duty") look(); });
  room.live.on("looks", (message) => {
    const place = document.getElementById("case-detail-looking");
    if (place && message.case === told) place.textContent = message.by.length ? message.by.join("、") + " 也在看此案" : "";
  });
  room.look = look;
})(window.room = window.room || {});
