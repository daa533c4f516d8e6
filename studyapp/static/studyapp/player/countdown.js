// Pictures that are shown for a limited time, where the protocol says so. The answer may come later.
const SECOND_MS = 1000;

/** Count down from the onset, or from now where that is not known; returns a function that stops. */
export function startCountdown(stage, clock, emit) {
  const line = stage.querySelector(".countdown");
  if (!line) return () => {};
  const left = line.querySelector("[data-seconds]");
  line.hidden = false;
  const begun = performance.now();
  let frame;
  const tick = () => {
    const elapsed = clock.now() ?? performance.now() - begun;
    const seconds = Number(left.dataset.seconds) - elapsed / SECOND_MS;
    left.textContent = Math.max(0, Math.ceil(seconds));
    if (seconds > 0) {
      frame = requestAnimationFrame(tick);
      return;
    }
    stage.classList.add("pictures-over");
    emit("pictures_hidden");
  };
  tick();
  return () => {
    cancelAnimationFrame(frame);
    stage.classList.remove("pictures-over");
  };
}
