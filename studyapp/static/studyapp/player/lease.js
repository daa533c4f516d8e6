// Whether this device still holds the session. The server says so in its replies to answers and to
// events; who comes back to the page is told before anything is asked.
import { config } from "./config.js";
import { ask } from "./server.js";

/** Abort a lease as soon as the participant is back here and another device has it. */
export function watchLease(lease, device) {
  const look = async () => {
    if (document.hidden) return;
    try {
      const { said } = await ask(`${config.state}?device=${device}`);
      if (said.lease === "elsewhere") lease.abort();
    } catch {
      // The next reply says it.
    }
  };
  const { signal } = lease;
  addEventListener("focus", look, { signal });
  document.addEventListener("visibilitychange", look, { signal });
}
