// Keys of the tab Review. They can be switched off, and rest while somebody writes.
const keys = {
  a: "#review-accept", r: "#review-reject", c: "#review-correct", u: "#review-undo",
  n: "#review-clip [data-rate='1']", s: "#review-clip [data-rate='0.25']",
  ",": "#review-clip [data-step='-1']", ".": "#review-clip [data-step='1']",
};
document.addEventListener("keydown", (event) => {
  const selector = keys[event.key.toLowerCase()];
  const on = document.querySelector("#review-keys input");
  if (!selector || !on?.checked || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [role=listbox]")) return;
  const button = document.querySelector(selector);
  if (!button || button.disabled || button.offsetParent === null) return;
  event.preventDefault();
  button.click();
});
// The number of the frame that is shown, for onset, apex and offset.
for (const moment of ["timeupdate", "seeked"]) {
  document.addEventListener(moment, (event) => {
    const shown = event.target.closest("#review-clip")?.querySelector("output");
    if (shown) shown.value = Math.floor(event.target.currentTime * Number(event.target.dataset.fps) + 1e-3);
  }, true);
}
