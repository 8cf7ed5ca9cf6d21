/* One alert's pane: F4 or a click on an alert opens it, a press becomes a command for the desk, Escape closes it. */
(function (room) {
  "use strict";
  let shown = "";

  /* A press on the first picture waits until the page behind it stands. */
  function setStore(id, data, tries = 50) {
    try {
      if (!document.getElementById("alert-detail")) throw new Error("not drawn yet");
      window.dash_clientside.set_props(id, { data });
    } catch (notYet) { if (tries) setTimeout(() => setStore(id, data, tries - 1), 100); }
  }

  const KEPT = "room.alert";       // which alerts are open, over a reload of this tab

  function show(numbers) {
    shown = numbers;
    sessionStorage.setItem(KEPT, numbers);
    document.documentElement.toggleAttribute("data-alert-open", Boolean(numbers));
    setStore("alert-detail-chosen", numbers ? { alert: numbers, at: Date.now() } : null);
    if (numbers) focusReason(100);
  }

  /* The reason is what F4 is pressed for: the cursor waits there as soon as the pane is drawn. */
  function focusReason(tries) {
    const reason = document.getElementById("alert-detail-reason");
    const drawn = document.querySelector('[data-alert-shown="' + CSS.escape(shown) + '"]');
    if (drawn && reason) reason.focus();
    else if (tries && shown) setTimeout(() => focusReason(tries - 1), 50);
  }

  function act(button) {
    const command = { alert: button.dataset.alerts, action: button.dataset.alertAct, at: Date.now() };
    if (button.dataset.minutes) {
      const reason = document.getElementById("alert-detail-reason");
      if (!reason.value.trim()) { reason.placeholder = "请先写明静默理由"; return reason.focus(); }
      command.minutes = Number(button.dataset.minutes);
      command.reason = reason.value.trim();
    }
    setStore("alert-list-command", command);
    show("");
  }

  document.addEventListener("click", (event) => {
    const e = event.target.closest && event.target.closest("[data-alert-act],[data-alert-close],[data-alert-story]");
    if (!e) return;
    event.preventDefault();
    if (e.dataset.alertAct) act(e);
    else show(e.dataset.alertStory || "");
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown) { event.stopImmediatePropagation(); return show(""); }
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.id === "alert-detail-reason") {          // Enter puts aside for the second length: 15 minutes
      event.preventDefault();
      event.stopImmediatePropagation();
      const usual = document.querySelectorAll('[data-alert-act="shelve"]')[1];
      if (usual) usual.click();
    } else if (event.target.dataset && event.target.dataset.alertStory && event.target.tagName !== "BUTTON") {
      event.preventDefault();
      show(event.target.dataset.alertStory);
    }
  }, true);

  /* After a reload the same pane stands again. */
  function reopen(tries) {
    if (shown || !tries) return;
    if (document.querySelector("#react-entry-point #alert-detail")) show(sessionStorage.getItem(KEPT));
    else setTimeout(() => reopen(tries - 1), 100);
  }
  if (sessionStorage.getItem(KEPT)) reopen(200);

  /* What happens to the alert that is shown is shown at once. */
  room.live.on("alerts", (message) => {
    const rows = message.type === "delta" ? message.data.put : [];
    if (shown && rows.some((row) => shown.split(" ").includes(row.alert))) {
      setStore("alert-detail-chosen", { alert: shown, at: Date.now() });
    }
  });
})(window.room = window.room || {});
