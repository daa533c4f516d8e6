// What is wider than the screen is moved by buttons; a finger or a wheel does it, too.
const STEP = 0.7;

/** Serve what can be moved below an element; it begins with the place `middle` in sight. */
export function attachPanning(root, emit, middle) {
  const scroller = root.querySelector(".scroller");
  const pan = root.querySelector(".pan");
  const move = (event) => {
    const by = Number(event.currentTarget.dataset.pan) * STEP * scroller.clientWidth;
    const most = scroller.scrollWidth - scroller.clientWidth;
    const left = Math.min(most, Math.max(0, scroller.scrollLeft + by));
    scroller.scrollTo({ left });
    emit("graph_panned", { percent: Math.round((100 * left) / scroller.scrollWidth) });
  };
  let hasBegun = false;
  const look = () => {
    pan.hidden = scroller.scrollWidth <= scroller.clientWidth;
    if (hasBegun || !scroller.clientWidth) return;
    hasBegun = true;
    scroller.scrollTo({ left: middle - scroller.clientWidth / 2, behavior: "instant" });
  };
  for (const button of pan.querySelectorAll("button")) button.addEventListener("click", move);
  const watch = new ResizeObserver(look);
  watch.observe(scroller);
  watch.observe(scroller.firstElementChild);
  look();
  return () => watch.disconnect();
}
