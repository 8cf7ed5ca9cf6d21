/* A press in the case pane becomes an order in a store that is never drawn anew, so that none is lost with its button;
   and a digit sends the row that was seen beside it, also when the list is drawn anew meanwhile. */
(function (room) {
  "use strict";
  const SEEN_MS = 250;             // nobody reads a row and presses its key sooner than this after it appeared

  const buttons = () => [...document.querySelectorAll("#case-detail [data-pick]")];

  const ORDER = "case-detail-order", ACTION = "case-detail-action";

  /* What a button of the pane orders: its id says it whole; null for any other element. */
  function orderOf(button) {
    if (!button || button.disabled || !button.id.startsWith("{")) return null;
    const { type, case: number, version, action, to } = JSON.parse(button.id);
    return type === ACTION ? { case: number, version, action, to } : null;
  }

  let pressed = 0;
  const order = (what) => window.dash_clientside.set_props(ORDER, { data: { ...what, press: ++pressed } });
  document.addEventListener("click", (event) => {
    const what = orderOf(event.target.closest("#case-detail button"));
    if (what) order(what);
  });

  /* A row's identity: which case, to whom; its digit is only where it stands just now. */
  function rowOf(button) {
    return { ...orderOf(button), digit: button.dataset.pick, name: (button.querySelector("b") || button).textContent };
  }

  /* A drawer of choices gives the hand its first value: Tab or the arrows go on, Enter takes it. */
  const drawerOf = (e) => e && e.closest && e.closest("#case-detail [data-drawer]");
  document.addEventListener("toggle", (event) => {
    if (drawerOf(event.target) === event.target && event.target.open) event.target.querySelector("button").focus();
  }, true);
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], drawer = step && drawerOf(event.target);
    if (!drawer || event.target.tagName !== "BUTTON") return;
    const values = [...drawer.querySelectorAll("button")];
    event.preventDefault();
    event.stopImmediatePropagation();
    values[(values.indexOf(event.target) + step + values.length) % values.length].focus();
  }, true);

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
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat || room.isTyping(event.target)) return;
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
    if (buttons().some((e) => rowOf(e).to === row.to)) order(row);   // the desk says what changed if it did
    else say("未派遣：名单刚刚变动，" + row.name + " 已不在其中，看清后再按");
  }
  document.addEventListener("keydown", send, true);
})(window.room = window.room || {});
