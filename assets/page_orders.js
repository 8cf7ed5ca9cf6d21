/* A press on a page of forms becomes an order in a store that is never drawn anew, with what is written around it. */
(function () {
  "use strict";
  const REST_MS = 1500;              // a second press of the same button within this time is the same press
  let sent = 0;

  function written(form) {
    const fields = form ? form.querySelectorAll("input[name],select[name],textarea[name]") : [];
    return Object.fromEntries([...fields].map((field) => [field.name, field.value]));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-page-order]");
    const place = button && button.closest("[data-orders]");
    if (!place || button.disabled) return;
    button.disabled = true;
    setTimeout(() => { button.disabled = false; }, REST_MS);
    const data = { ...written(button.closest("[data-form]")), ...JSON.parse(button.dataset.pageOrder), press: ++sent };
    window.dash_clientside.set_props(place.dataset.orders, { data });
  });
})();
