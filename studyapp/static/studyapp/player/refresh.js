// How long the screen shows a frame: the median of some intervals, or null after too few.
const FEWEST = 10;
const ENOUGH = 60;

const intervals = [];
let last = null;

function frame(now) {
  if (last !== null) intervals.push(now - last);
  last = now;
  if (intervals.length < ENOUGH) requestAnimationFrame(frame);
}

/** Begin to measure. */
export function watchRefresh() {
  requestAnimationFrame(frame);
}

export function refreshMs() {
  if (intervals.length < FEWEST) return null;
  const sorted = [...intervals].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
