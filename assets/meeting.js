/* The meeting: the chair's buttons and keys become orders in a store; the second screen asks again at every bell. */
(function (room) {
  "use strict";
  const ORDER = "meeting-order", SHOWN = "meeting-shown", LINE = "meeting-line", SCREEN = "meeting-screen", TASKS = "meeting-tasks";
  const LOOK_MS = 250, AGAIN_MS = 10000;
  let sent = 0, shown = null;

  function put(id, data) {
    if (!document.getElementById(id.replace(/-ask$/, "")) && id !== ORDER && id !== SHOWN) return;
    if (document.getElementById("first-picture")) return void setTimeout(() => put(id, data), 150);
    try { window.dash_clientside.set_props(id, { data: { ...data, press: ++sent } }); } catch (notYet) { setTimeout(() => put(id, data), 150); }
  }
  const held = () => (document.querySelector("[data-held]") || { dataset: {} }).dataset.held || "";
  const order = (what) => put(ORDER, { no: held(), ...what });

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-meeting]");
    if (button) order(JSON.parse(button.dataset.meeting));
    const task = event.target.closest && event.target.closest("[data-task]");
    if (task) {
      const words = task.closest("li").querySelector("input");
      put(TASKS + "-ask", { ...JSON.parse(task.dataset.task), words: words ? words.value : "" });
    }
  });

  /* Y begins the line: for the open case who has it, else the called grid; what is written already stays. */
  function prefill(input) {
    const floor = document.querySelector("[data-lines]");
    if (!floor || input.value) return;
    const lines = JSON.parse(floor.dataset.lines);
    window.dash_clientside.set_props(LINE, { value: lines[room.chosen() || ""] || lines[""] });
  }
  document.addEventListener("focusin", (event) => { if (event.target.id === LINE) prefill(event.target); });

  document.addEventListener("keydown", (event) => {
    if (event.target.id === LINE && event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      event.stopImmediatePropagation();
      order({ do: "decide", line: event.target.value, case: room.chosen() || "" });
    } else if (held() && event.target === document.body && event.key === "y" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      document.getElementById(LINE).focus();
    } else if (held() && event.target === document.body && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      const move = [...document.querySelectorAll(".called [data-meeting]")].find((e) => JSON.parse(e.dataset.meeting).by === (event.key === "ArrowUp" ? -1 : 1));
      if (move) { event.preventDefault(); move.click(); }
    }
  }, true);

  /* A decision that was taken empties the line; the case that the chair opens stands on the second screen. */
  let answered = "";
  function watch() {
    const answer = document.querySelector("#meeting-answer [data-done]");
    if (answer && answer.textContent !== answered) {
      answered = answer.textContent;
      if (answer.dataset.done === "decide") {
        window.dash_clientside.set_props(LINE, { value: "" });
        document.activeElement.blur();
      }
    }
    const open = room.chosen() || "";
    if (held() && open !== shown) { shown = open; put(SHOWN, { no: held(), case: open }); }
  }
  if (location.pathname === "/meeting") setInterval(watch, LOOK_MS);

  function again() { put(SCREEN + "-ask", {}); put(TASKS + "-ask", { do: "look" }); }
  room.live.on("meeting", again);
  room.live.on("open", again);                 // what was said while the link was down
  setInterval(() => put(SCREEN + "-ask", {}), AGAIN_MS);   // bells may be lost
})(window.room = window.room || {});
