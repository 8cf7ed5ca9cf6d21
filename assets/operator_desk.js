/* The duty desk's own keys: taking a call, the command line, all keys; and who else looks at the open case. */
(function (room) {
  "use strict";

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
    } else if (event.key === "Escape" && !room.isTyping(event.target)) { stop(); take(false); }
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

  /* A reload finds the page as it was: the open case and, on the desk, the form. */
  let restored = false;
  function restore() {
    const was = kept(), open = (was.open || {})[location.pathname], taking = was.taking && location.pathname === "/duty";
    if ((taking || open) && !document.getElementById("case-detail")) return void setTimeout(restore, 100);
    restored = true;
    if (taking && document.getElementById("taking-call")) take(true);
    if (open && !room.chosen()) room.choose(open);
  }
  restore();

  /* The command line: / opens it, Tab takes the first completion, Escape closes; what it did is shown on the map or pane. */
  const line = () => document.getElementById("command-line-words");
  const isCommanding = () => document.documentElement.hasAttribute("data-commanding");
  function command(on) {
    document.documentElement.toggleAttribute("data-commanding", on);
    if (!line()) return;
    if (on) line().focus(); else line().blur();
  }
  function complete(words) {
    window.dash_clientside.set_props("command-line-words", { value: words });
    line().focus();
  }
  function commandKeys(event) {
    if (!line()) return;
    const stop = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    if (event.key === "/" && !room.isTyping(event.target)) { stop(); command(true); }
    else if (event.key === "?" && !room.isTyping(event.target)) { stop(); toggleKeys(); }
    else if (event.key === "Escape" && document.documentElement.hasAttribute("data-keys")) { stop(); toggleKeys(); }
    else if (isCommanding() && event.key === "Escape") { stop(); command(false); }
    else if (event.target === line() && event.key === "Tab") {
      const first = document.querySelector("[data-complete]");
      stop();
      if (first) complete(first.dataset.complete);
    }
  }
  document.addEventListener("keydown", commandKeys, true);
  document.addEventListener("click", (event) => { const e = event.target.closest("[data-complete]"); if (e) complete(e.dataset.complete); });

  let followed = "";
  function follow() {
    const answer = document.getElementById("command-line-answer");
    if (!answer || answer.innerHTML === followed) return;
    followed = answer.innerHTML;
    const go = answer.querySelector("[data-go-to]"), open = answer.querySelector("[data-open-case]");
    if (open) room.choose(open.dataset.openCase);
    if (!go || !room.map.state.map) return;
    const [south, west, north, east] = go.dataset.goTo.split(",").map(Number);
    room.map.keepView();
    room.map.state.map.fitBounds([[south, west], [north, east]], { animate: false, padding: [24, 24] });
  }
  if (location.pathname === "/duty") new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });

  /* ? shows every key (dashboard/panels/key_sheet.py). */
  const toggleKeys = () => document.documentElement.toggleAttribute("data-keys");
  document.addEventListener("click", (event) => { if (event.target.closest("#all-keys")) toggleKeys(); });

  /* A way back stands as long as it is open, with the seconds that are left. */
  function countDown() {
    for (const button of document.querySelectorAll("[data-until]")) {
      const left = Math.ceil((Date.parse(button.dataset.until) - room.clock.now()) / 1000);
      button.hidden = button.disabled = left <= 0;
      const told = button.querySelector(".left");
      if (told) room.clock.write(told, "剩 " + left + " 秒");
    }
  }
  setInterval(countDown, 250);

  /* The pane is drawn anew under the hand that writes in it: the hand stays where it was. */
  let writing = null;
  document.addEventListener("focusin", (event) => {
    writing = room.isTyping(event.target) && event.target.closest("#case-detail") ? event.target : null;
  });
  function giveBack() {
    if (!writing || writing.isConnected || document.activeElement !== document.body) return;
    const again = document.getElementById(writing.id), [from, to] = [writing.selectionStart, writing.selectionEnd];
    writing = null;
    if (!again) return;
    again.focus();
    if (from !== null && again.setSelectionRange) again.setSelectionRange(from, to);
  }
  new MutationObserver(giveBack).observe(document.documentElement, { childList: true, subtree: true });

  /* Others who have the same case open are named beside it, at once. */
  let told = null;
  function look() {
    const own = /^\/case\/([^/]+)$/.exec(location.pathname);
    const number = room.chosen() || (own ? decodeURIComponent(own[1]) : "");
    if (number === told) return;
    told = number;
    if (restored) keep({ open: { ...kept().open, [location.pathname]: number } });
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
