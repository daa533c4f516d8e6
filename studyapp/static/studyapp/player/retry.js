// Back-off: each pause about twice the last, half of it random, so that many browsers do not come
// back to a restarted server all at once. A network that returns ends the pause.
const FIRST_MS = 400;
const LONGEST_MS = 20000;

/** Wait before attempt number `failures` + 1. */
export function backOff(failures) {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, longest * (0.5 + Math.random() / 2));
    addEventListener("online", done);
  });
}

/** Try without end; `onFailure` hears of each failure. */
export async function insist(attempt, onFailure = () => {}) {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch {
      onFailure(failures + 1);
      await backOff(failures);
    }
  }
}
