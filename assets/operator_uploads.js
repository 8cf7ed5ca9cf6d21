/* Files of a call being taken: chosen, dropped on the form or pasted; sent at once, with preview, progress and refusal. */
(function (room) {
  "use strict";
  const KEPT = "room.files", MOST = 9, MOST_BYTES = 10 * 1024 * 1024;
  let files = JSON.parse(sessionStorage.getItem(KEPT) || "[]");   // {id, name, preview, sent, refused}; ids and names outlive a reload

  const list = () => document.getElementById("taking-call-files");
  const isTaking = () => document.documentElement.hasAttribute("data-taking");
  const csrf = () => decodeURIComponent((/(?:^|; )_csrf_token=([^;]*)/.exec(document.cookie) || [])[1] || "");

  const picker = document.createElement("input");
  picker.type = "file";
  picker.id = "taking-call-picker";
  picker.multiple = true;
  picker.hidden = true;
  picker.accept = "image/*,audio/*,application/pdf";
  picker.addEventListener("change", () => { add(picker.files); picker.value = ""; });

  function add(chosen) { for (const file of chosen) send(file); }

  function send(file) {
    const row = { id: "", name: file.name || "粘贴的图片", preview: /^image\//.test(file.type) ? URL.createObjectURL(file) : "", sent: 0, refused: "" };
    if (files.filter((f) => !f.refused).length >= MOST) row.refused = "最多附 " + MOST + " 个文件";
    else if (file.size > MOST_BYTES) row.refused = "文件超过 10 MB";
    files.push(row);
    draw();
    if (row.refused) return;
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/uploads");
    request.setRequestHeader("X-CSRFToken", csrf());
    request.upload.onprogress = (event) => { row.sent = event.loaded / (event.total || 1); draw(); };
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch (noJson) { /* said below */ }
      if (request.status === 201) row.id = answer.id;
      else row.refused = answer.msg || "没有传成，请重传";
      keep();
    };
    request.onerror = () => { row.refused = "网络中断，没有传成，请重传"; keep(); };
    request.send(file);
  }

  /* Only what has arrived is part of the draft. */
  function keep() {
    const arrived = files.filter((f) => f.id);
    sessionStorage.setItem(KEPT, JSON.stringify(arrived.map(({ id, name }) => ({ id, name, preview: "", sent: 1, refused: "" }))));
    if (document.getElementById("first-picture")) return void setTimeout(() => keep(), 200);   // Dash is not there yet
    try { window.dash_clientside.set_props("taking-call-attached", { data: arrived.map((f) => f.id) }); } catch (notYet) { setTimeout(keep, 300); }
    draw();
  }

  function part(tag, text, more) { return Object.assign(document.createElement(tag), { textContent: text }, more); }

  function draw() {
    if (!list()) return;
    list().replaceChildren(...files.map((row) => {
      const line = document.createElement("li");
      const end = row.refused ? part("span", row.refused, { className: "refused" }) : row.id ? part("span", "已传") : part("progress", "", { value: row.sent, max: 1 });
      const drop = part("button", "×", { type: "button", ariaLabel: "去掉 " + row.name, onclick: () => { files = files.filter((f) => f !== row); keep(); } });
      line.append(row.preview ? part("img", "", { src: row.preview, alt: row.name }) : part("span", "文件"), part("span", row.name), end, drop);
      return line;
    }));
  }

  document.addEventListener("click", (event) => { if (event.target.closest("[data-attach]")) picker.click(); });
  document.addEventListener("keydown", (event) => {
    if (isTaking() && event.altKey && event.code === "Digit0") { event.preventDefault(); picker.click(); }
  });
  document.addEventListener("paste", (event) => { if (isTaking() && event.clipboardData.files.length) add(event.clipboardData.files); });
  const onForm = (event) => event.target.closest && event.target.closest("#taking-call") && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => { if (onForm(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => { if (onForm(event)) { event.preventDefault(); add(event.dataTransfer.files); } });

  /* Filed: the files belong to the case now. */
  let filed = "";
  function watch() {
    const done = document.querySelector("#taking-call-answer .done [data-case]");
    if (done && done.dataset.case !== filed) {
      filed = done.dataset.case;
      files.forEach((f) => f.preview && URL.revokeObjectURL(f.preview));
      files = [];
      sessionStorage.removeItem(KEPT);
      draw();
    } else if (list() && list().childElementCount !== files.length) draw();
  }
  if (location.pathname === "/duty") {
    new MutationObserver(watch).observe(document.documentElement, { childList: true, subtree: true });
    document.addEventListener("DOMContentLoaded", () => document.body.appendChild(picker));
    if (document.body) document.body.appendChild(picker);
    if (files.length) keep();
  }
})(window.room = window.room || {});
