// How long something is looked at: from when it was shown, or from the onset of its trial where
// that came later, and without the time in which the page was hidden. Not known is null.
export class Dwell {
  #name;
  #emit;
  #now;
  #left = null;
  #since = 0;
  #away = 0;
  #hiddenAt = null;

  /** `now()` gives milliseconds since the onset, or null. Emits `NAME_shown` and `NAME_left`. */
  constructor(name, emit, now) {
    this.#name = name;
    this.#emit = emit;
    this.#now = now;
    document.addEventListener("visibilitychange", this.#visibility);
  }

  /** Something is shown now, in place of what was shown before. */
  enter(shown, left) {
    this.leave();
    this.#left = left;
    this.#since = this.#now() ?? 0;
    this.#away = 0;
    this.#emit(`${this.#name}_shown`, shown);
  }

  leave() {
    if (!this.#left) return;
    const end = this.#now();
    const dwell = end === null ? null : Math.max(0, Math.round(end - this.#since - this.#away));
    this.#emit(`${this.#name}_left`, { ...this.#left, dwell_ms: dwell });
    this.#left = null;
  }

  detach() {
    this.leave();
    document.removeEventListener("visibilitychange", this.#visibility);
  }

  #visibility = () => {
    const now = this.#now() ?? 0;
    if (document.hidden) {
      this.#hiddenAt = now;
    } else if (this.#hiddenAt !== null) {
      this.#away += now - Math.max(this.#hiddenAt, this.#since);
      this.#hiddenAt = null;
    }
  };
}
