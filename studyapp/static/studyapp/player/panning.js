// What is wider than the screen is moved by buttons; a finger, a wheel or a scrollbar does it, too.
const STEP = 0.7;
// A movement has ended when nothing has moved for so long.
const REST_MS = 120;

/** Bring a place across into the middle, as far as that goes. */
export function centre(scroller, middle) {
  scroller.scrollTo({ left: middle - scroller.clientWidth / 2, behavior: "instant" });
}

/** Serve what can be moved below an element; it begins with the place `middle` in sight. */
export function attachPanning(root, emit, middle) {
  const scroller = root.querySelector(".scroller");
  const pan = root.querySelector(".pan");
  const tell = (left) => emit("graph_panned", { percent: Math.round((100 * left) / scroller.scrollWidth) });
  const hand = watchHand(scroller, () => tell(scroller.scrollLeft));
  const move = (event) => {
    hand.leave();
    const by = Number(event.currentTarget.dataset.pan) * STEP * scroller.clientWidth;
    const most = scroller.scrollWidth - scroller.clientWidth;
    const left = Math.min(most, Math.max(0, scroller.scrollLeft + by));
    scroller.scrollTo({ left });
    tell(left);
  };
  let hasBegun = false;
  const look = () => {
    pan.hidden = scroller.scrollWidth <= scroller.clientWidth;
    if (hasBegun || !scroller.clientWidth) return;
    hasBegun = true;
    centre(scroller, middle);
  };
  for (const button of pan.querySelectorAll("button")) button.addEventListener("click", move);
  const watch = new ResizeObserver(look);
  watch.observe(scroller);
  watch.observe(scroller.firstElementChild);
  look();
  return () => {
    hand.rest();
    watch.disconnect();
  };
}

/** Say when a movement by hand has ended. Buttons tell theirs, and keys show what they chose. */
function watchHand(scroller, moved) {
  let from = null;
  let timer = null;
  const leave = () => {
    from = null;
  };
  const rest = () => {
    clearTimeout(timer);
    const hasMoved = from !== null && from !== scroller.scrollLeft;
    leave();
    if (hasMoved) moved();
  };
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(rest, REST_MS);
  };
  const begin = () => {
    from ??= scroller.scrollLeft;
    go();
  };
  scroller.addEventListener("touchmove", begin, { passive: true });
  scroller.addEventListener("wheel", begin, { passive: true });
  // A pointer on something in it chooses that; on the scroller itself it holds the scrollbar.
  scroller.addEventListener("pointerdown", (event) => {
    if (event.target === scroller) from ??= scroller.scrollLeft;
  });
  scroller.addEventListener("scroll", go);
  scroller.addEventListener("keydown", leave, true);
  return { leave, rest };
}
