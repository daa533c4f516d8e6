// Patience with the network that ends. `AbortSignal.timeout` is younger than some browsers here.

/** Do `work` with a signal that aborts it after so many milliseconds. */
export async function withPatience(milliseconds, work) {
  const impatience = new AbortController();
  const timer = setTimeout(() => impatience.abort(), milliseconds);
  try {
    return await work(impatience.signal);
  } finally {
    clearTimeout(timer);
  }
}
