/* A file for a register is handed in, and then the panel is asked to open it (dashboard/panels/register_intake.py). */
(function () {
  "use strict";
  const STORE = "register-intake-order", MOST_BYTES = 10 * 1024 * 1024;
  const csrf = () => decodeURIComponent((/(?:^|; )_csrf_token=([^;]*)/.exec(document.cookie) || [])[1] || "");
  const kind = () => document.querySelector('#register-intake select[name="kind"]')?.value || "";

  const picker = Object.assign(document.createElement("input"), { type: "file", id: "register-picker", hidden: true });
  picker.accept = ".csv,.gz,.txt,.xlsx,.xlsm,.geojson,.json";
  picker.addEventListener("change", () => { if (picker.files.length) send(picker.files[0]); picker.value = ""; });

  function say(words, refused) {
    const place = document.querySelector("#register-intake .register-sent");
    if (place) Object.assign(place, { textContent: words, className: "register-sent" + (refused ? " refused" : "") });
  }

  function send(file) {
    if (file.size > MOST_BYTES) return say("文件超过 10 MB，请用命令行导入", true);
    const form = new FormData(), request = new XMLHttpRequest(), chosen = kind();
    form.append("file", file, file.name);
    request.open("POST", "/api/v1/registers/files");
    request.setRequestHeader("X-CSRFToken", csrf());
    request.upload.onprogress = (event) => say("已传 " + Math.round(100 * event.loaded / (event.total || 1)) + "%");
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch (noJson) { /* said below */ }
      if (request.status !== 201) return say(answer.msg || "没有传成，请重传", true);
      window.dash_clientside.set_props(STORE, { data: { do: "open", kind: chosen, draft: answer.id, press: answer.id } });
    };
    request.onerror = () => say("网络中断，没有传成，请重传", true);
    say("正在传送 " + file.name);
    request.send(form);
  }

  document.addEventListener("click", (event) => {
    if (!(event.target.closest && event.target.closest("[data-register-file]"))) return;
    document.body.appendChild(picker);
    picker.click();
  });
})();
