// Speed and single frames of the videos; they come and go with the results, so that the page itself listens.
document.addEventListener("click", (event) => {
  const button = event.target.closest(".player button");
  if (!button) return;
  const video = button.closest(".player").querySelector("video");
  const { rate, step, apex } = button.dataset;
  if (rate !== undefined) {
    video.playbackRate = Number(rate);
    for (const other of button.parentElement.querySelectorAll("[data-rate]")) {
      other.ariaPressed = String(other === button);
    }
    video.play();
    return;
  }
  video.pause();
  const fps = Number(video.dataset.fps);
  const now = Math.floor(video.currentTime * fps + 1e-3);
  const last = Math.round(video.duration * fps) - 1;
  const frame = apex === undefined ? now + Number(step) : Number(video.dataset.apex);
  // The middle of a frame, so that rounding cannot show its neighbour.
  video.currentTime = (Math.min(Math.max(frame, 0), last) + 0.5) / fps;
});

// Gradio's lists of choices have no name of their own; they get that of their field, for screen readers.
document.addEventListener("focusin", (event) => {
  const field = event.target.closest("[role=combobox]");
  if (!field) return;
  const name = () => document.getElementById(field.getAttribute("aria-controls"))?.setAttribute("aria-label", field.ariaLabel);
  new MutationObserver((_, watch) => (field.isConnected ? name() : watch.disconnect())).observe(document.body, { childList: true });
  setTimeout(name);
});
