/* Clicks and keys that concern the whole room: choosing a case, answering an alert, layers 1–9. */
(function (room) {
  "use strict";

  /* Before Dash stands the wish waits; false only where the page has no such place. */
  function setStore(id, data) {
    if (!document.getElementById("case-detail") && id === "chosen-case") return false;
    const later = () => setTimeout(() => setStore(id, data), 150);
    if (document.getElementById("first-picture")) later();
    else try { window.dash_clientside.set_props(id, { data }); } catch (notYet) { later(); }
    return true;
  }

  let chosen = null;
  const mark = new CSSStyleSheet();            // the chosen card is marked by a rule, not by touching what React keeps
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, mark];

  /* Show a case in the pane of this page; where there is no pane, open its own page. */
  room.choose = function (number, version) {
    chosen = number;
    mark.replaceSync(number ? '[data-case="' + CSS.escape(number) + '"]{box-shadow:inset 3px 0 var(--act);background:var(--raised);padding-left:.625rem}' : "");
    if (room.map) room.map.point(number);
    if (!number) document.querySelectorAll(".stages").forEach((e) => { e.scrollLeft = 0; });
    document.documentElement.toggleAttribute("data-chosen", Boolean(number));
    room.look();
    if (!setStore("chosen-case", number ? { case: number, version: version || 0, at: Date.now() } : null) && number) {
      location.assign("/case/" + number);
    }
  };

  /* What came of a press: its case is shown anew, unless the officer has gone on to another. */
  const shownHere = () => chosen || (document.querySelector("[data-shown-case]") || { dataset: {} }).dataset.shownCase;
  let actedAt = "";
  new MutationObserver(() => {
    const acted = document.querySelector("#case-detail-answer [data-acted-at]");
    if (!acted || acted.dataset.actedAt === actedAt) return;
    actedAt = acted.dataset.actedAt;
    const words = JSON.stringify({ case: acted.dataset.actedCase, type: "case-detail-words" });   // as Dash writes an id
    if (acted.className === "done" && document.getElementById(words)) window.dash_clientside.set_props(JSON.parse(words), { value: "" });
    if (acted.dataset.actedCase === shownHere()) setStore("chosen-case", { case: acted.dataset.actedCase, at: Date.now() });
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-acted-at"] });

  /* News of the open case shows it anew, but never takes a list away in which somebody is choosing. */
  const LIST_MS = 200;
  function renew(hint) {
    if (hint.case !== chosen) return;
    if (document.querySelector(".dash-dropdown-content")) setTimeout(renew, LIST_MS, hint);
    else setStore("chosen-case", { case: hint.case, version: hint.version, at: Date.now() });
  }
  room.live.on("hint", renew);

  function acknowledge(number) { if (number) setStore("alert-list-command", { alert: number, at: Date.now() }); }

  async function signOut() {
    const token = (/(?:^|; )_csrf_token=([^;]*)/.exec(document.cookie) || [])[1] || "";
    await fetch("/logout", { method: "POST", headers: { "X-CSRFToken": decodeURIComponent(token) } });
    location.assign("/login");
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.button) return;
    const e = event.target.closest && event.target.closest("[data-acknowledge],[data-close-case],[data-sign-out],[data-case]");
    if (!e) return;
    if (e.dataset.acknowledge) return acknowledge(e.dataset.acknowledge);
    if (e.dataset.signOut !== undefined) return signOut();
    if (e.dataset.closeCase !== undefined) return room.choose(null);
    if (!document.getElementById("case-detail") || e.closest("[data-plain]")) return;
    event.preventDefault();
    room.choose(e.dataset.case);
  });

  /* In a field, and on a list that opens, a key belongs to the field: it is no order, and Escape only lets go of it. */
  const FIELD = "input, textarea, select, .dash-dropdown, .dash-dropdown-content";
  const isTyping = room.isTyping = (e) => Boolean(e && e.closest && (e.isContentEditable || e.closest(FIELD)));

  /* The inbox is read group by group, as it stands; a wall's board in the order its cards are drawn. */
  function cards() {
    const inbox = [...document.querySelectorAll("#inbox [data-case]")];
    return inbox.length ? inbox : [...document.querySelectorAll("[data-pickable] [data-case]")].sort((a, b) => (a.style.order || 0) - (b.style.order || 0));
  }

  /* J and K walk the list that is on the page. */
  function walk(by) {
    const list = cards(), at = list.findIndex((e) => e.dataset.case === chosen);
    const next = list[Math.min(list.length - 1, Math.max(0, at + by))];
    if (next) { next.scrollIntoView({ block: "nearest" }); room.choose(next.dataset.case); }
  }

  /* A key may belong to a button on the page: it is pressed as if by hand. */
  function press(key) {
    const fits = (e) => e.dataset.key === key && !e.disabled;
    const button = [...document.querySelectorAll("#case-detail [data-key]")].find(fits) ||   // the open case comes before the map
      [...document.querySelectorAll("[data-key]")].find(fits);
    if (button) { button.click(); if (/^(INPUT|TEXTAREA)$/.test(button.tagName)) button.focus(); }
    return Boolean(button);
  }

  const KEYS = {
    j: () => walk(1), k: () => walk(-1), "]": () => room.map && room.map.step(1), "[": () => room.map && room.map.step(-1),
    Escape: () => room.choose(null),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (press(key)) return event.preventDefault();
    if (key === "a") {
      const waiting = document.querySelector("#alert-list [data-acknowledge]");
      if (waiting) acknowledge(waiting.dataset.acknowledge);
    } else if (KEYS[key]) { event.preventDefault(); KEYS[key](); }
  });

  room.chosen = () => chosen;
})(window.room = window.room || {});
