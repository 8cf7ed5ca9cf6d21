/* Who goes, by keyboard: a digit sends the row that was seen beside it, also when the list is drawn anew meanwhile. */
(function (room) {
  "use strict";
  const SEEN_MS = 250;             // nobody reads a row and presses its key sooner than this after it appeared

  const isTyping = (e) => e && (e.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(e.tagName));
  const buttons = () => [...document.querySelectorAll("#case-detail [data-pick]")];

  /* A row's identity: which case, to whom; its digit is only where it stands just now. */
  function rowOf(button) {
    const { case: number, version, to } = JSON.parse(button.id);
    return { digit: button.dataset.pick, case: number, version, to, name: (button.querySelector("b") || button).textContent };
  }

  let shown = { rows: [], at: 0 }, before = shown;
  function watch() {
    const rows = buttons().map(rowOf);
    const same = rows.length === shown.rows.length && rows.every((row, at) => ["to", "case", "version"].every((name) => row[name] === shown.rows[at][name]));
    if (!same) { before = shown; shown = { rows, at: performance.now() }; }
  }
  new MutationObserver(watch).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["id"] });

  /* The row a person means by a digit: what stood there when he could last have read it. */
  function meant(digit) {
    const at = (list) => list.rows.find((row) => row.digit === digit);
    const now = at(shown), then = at(before);
    const isFresh = performance.now() - shown.at < SEEN_MS;
    return isFresh && now && then && then.case === now.case ? then : now;
  }

  function say(words) {
    const children = { namespace: "dash_html_components", type: "Span", props: { className: "refused", children: words } };
    window.dash_clientside.set_props("case-detail-answer", { children });
  }

  function send(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat || isTyping(event.target)) return;
    if (event.key === "Enter" && event.target.closest && event.target.closest("button,a,[role=button]")) return;
    const digit = event.key === "Enter" ? "1" : event.key;
    if (!/^[1-9]$/.test(digit)) return;
    watch();
    const row = meant(digit);
    if (!row) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const open = room.chosen();
    if (open && open !== row.case) return say("未派遣：正在打开另一案件，看清后再按");
    const button = buttons().find((e) => rowOf(e).to === row.to && !e.disabled);
    if (button && rowOf(button).version !== row.version) say("未派遣：案件刚被更新，看清后再按");
    else if (button) button.click();
    else say("未派遣：名单刚刚变动，" + row.name + " 已不在其中，看清后再按");
  }
  document.addEventListener("keydown", send, true);
})(window.room = window.room || {});
