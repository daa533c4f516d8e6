// The clock of one trial. Its zero is the onset: pictures decoded, then shown, then two animation
// frames. The time stamp of the second is the first moment at which the trial surely was painted.
import { refreshMs } from "./refresh.js";

// An input event longer ago than this did not cause a change.
const CAUSE_MS = 1000;
// What the server takes for a time. A device that slept overnight was not looked at for so long.
const LONGEST_MS = 24 * 3600 * 1000;
const NO_PICTURE = "two_frames";
const PICTURES = "decoded_two_frames";

const nextFrame = () => new Promise(requestAnimationFrame);

let lastInput = -Infinity;
const isCause = (event) => event.timeStamp - lastInput < CAUSE_MS;

function noteInput(event) {
  if (event.key === "Tab") return;
  // The click that a key or a pointer made is later than its cause.
  if (event.type === "click" && isCause(event)) return;
  lastInput = event.timeStamp;
}

for (const kind of ["keydown", "pointerup", "click"]) addEventListener(kind, noteInput, true);

/** When what an event reports was caused, on the clock of `performance.now()`. */
export function causedAt(event) {
  return isCause(event) ? lastInput : event.timeStamp;
}

export class Clock {
  #onset = null;
  #method = null;
  #hiddenSince = null;
  #spans = [];
  #noted = () => {};

  /** Show the trial by calling `reveal` once its pictures are decoded; resolves at the onset. */
  async start(pictures, reveal, onVisibility) {
    this.#noted = onVisibility;
    const decoded = await Promise.allSettled(pictures.map((picture) => picture.decode()));
    reveal();
    await nextFrame();
    this.#onset = await nextFrame();
    const whole = decoded.every((result) => result.status === "fulfilled");
    if (whole) this.#method = pictures.length ? PICTURES : NO_PICTURE;
    document.addEventListener("visibilitychange", this.#visibility);
  }

  stop() {
    document.removeEventListener("visibilitychange", this.#visibility);
  }

  /** Milliseconds since the onset, or null when that is not known or a day ago. */
  since(moment) {
    const elapsed = tenths(moment - this.#onset);
    return this.#method !== null && elapsed >= 0 && elapsed < LONGEST_MS ? elapsed : null;
  }

  now() {
    return this.since(performance.now());
  }

  /** The timing record of an answer that was sent at that moment. */
  record(submittedAt, reloads) {
    return {
      submitted_ms: this.since(submittedAt),
      onset_method: this.#method,
      refresh_ms: refreshMs(),
      device_pixel_ratio: devicePixelRatio,
      hidden_spans: this.#spans,
      reloads,
    };
  }

  #visibility = () => {
    const now = this.now();
    if (document.hidden) {
      this.#hiddenSince = now;
      this.#noted("page_hidden");
    } else {
      if (this.#hiddenSince !== null) this.#spans.push([this.#hiddenSince, now]);
      this.#hiddenSince = null;
      this.#noted("page_shown");
    }
  };
}

function tenths(milliseconds) {
  return Math.round(milliseconds * 10) / 10;
}
