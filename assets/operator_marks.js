/* Marking cases for one action on all: Space, Shift+↑↓ or the box of a card. The version seen goes with each mark. */
(function (room) {
  "use strict";
  const KEPT = "room.marks", MOST = 200;       // selections of this tab only; never what a case says
  const marks = new Map(Object.entries(JSON.parse(sessionStorage.getItem(KEPT) || "{}")));

  const sheet = new CSSStyleSheet();           // marked by a rule, not by touching what others draw
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const tray = () => document.getElementById("bulk-tray");

  function show(quiet) {
    sessionStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(marks)));
    const chosen = [...marks.keys()].map((no) => '[data-case="' + CSS.escape(no) + '"]');
    sheet.replaceSync(chosen.length ? chosen.map((c) => c + " .box").join() + "{background:var(--act);border-color:var(--act)}" + chosen.map((c) => ".card" + c).join() + "{background:var(--raised)}" : "");
    document.documentElement.toggleAttribute("data-marking", marks.size > 0);
    tell();
    if (document.getElementById("first-picture")) return void setTimeout(() => show(quiet), 200);   // Dash is not there yet
    try { window.dash_clientside.set_props("bulk-tray-marked", { data: { cases: [...marks], quiet: Boolean(quiet) } }); } catch (notYet) { setTimeout(() => show(quiet), 200); }
  }

  function tell() {
    const count = tray() && tray().querySelector(".marked-count");
    if (count && marks.size) room.clock.write(count, "已选 " + marks.size + " 件");
  }

  function toggle(card, on) {
    const number = card.dataset.case, want = on === undefined ? !marks.has(number) : on;
    if (want && !card.dataset.version) return;
    if (want && marks.size < MOST) marks.set(number, Number(card.dataset.version));
    else marks.delete(number);
    show();
  }

  const cardOf = (number) => [...document.querySelectorAll('.card[data-version][data-case="' + CSS.escape(number || "") + '"]')].find((e) => !e.hidden);
  function clear() { marks.clear(); show(); }

  /* What was acted on goes on with the version it has now. */
  function learn() {
    let moved = false;
    tell();
    for (const line of document.querySelectorAll("#bulk-tray-lines [data-marked-case]")) {
      const { markedCase: number, markedVersion: version } = line.dataset;
      if (marks.has(number) && line.querySelector(".done") && marks.get(number) !== Number(version)) { marks.set(number, Number(version)); moved = true; }
    }
    if (moved) show(true);
  }

  function keys(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || room.isTyping(event.target) || !tray()) return;
    const stop = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    const here = cardOf(room.chosen());
    if (event.key === " " && here && !(event.target.closest && event.target.closest("button"))) { stop(); return toggle(here); }
    if (!event.shiftKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      stop();
      if (here) toggle(here, true);
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: event.key === "ArrowDown" ? "j" : "k", bubbles: true }));
      const next = cardOf(room.chosen());
      if (next) toggle(next, true);
    } else if (marks.size && /^[sd]$/i.test(event.key)) {
      stop();
      const action = event.key.toLowerCase() === "s" ? "accept" : "dispatch";
      [...tray().querySelectorAll("button[id]")].find((b) => JSON.parse(b.id).action === action).click();
    } else if (marks.size && /^x$/i.test(event.key)) { stop(); clear(); }
  }
  document.addEventListener("keydown", keys, true);

  document.addEventListener("click", (event) => {
    const e = event.target.closest && event.target.closest(".box,[data-unmark],[data-clear-marks]");
    if (!e) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (e.dataset.clearMarks !== undefined) return clear();
    if (e.dataset.unmark) { marks.delete(e.dataset.unmark); return show(); }
    toggle(e.closest(".card"));
  }, true);

  function begin() {
    if (location.pathname !== "/duty") return;
    new MutationObserver(learn).observe(document.documentElement, { childList: true, subtree: true });
    if (marks.size) show();
  }
  begin();
  room.marks = marks;
})(window.room = window.room || {});
