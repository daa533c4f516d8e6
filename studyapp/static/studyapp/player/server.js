// Speaking with the server. What is no answer (no network, a restart, an error page) is thrown,
// so that whoever asked tries again.
import { withPatience } from "./patience.js";

const PATIENCE_MS = 20000;
const BUSY = 429;
const SERVER_ERROR = 500;

function heard(address, options) {
  return withPatience(PATIENCE_MS, async (signal) => {
    const response = await fetch(address, { cache: "no-store", signal, ...options });
    const { status } = response;
    if (status === BUSY || status >= SERVER_ERROR) throw new Error(status);
    return { status, said: await response.json() };
  });
}

export function ask(address) {
  return heard(address, {});
}

export function tell(address, said) {
  const body = JSON.stringify(said);
  const headers = { "Content-Type": "application/json" };
  return heard(address, { method: "POST", body, headers, keepalive: body.length < 60000 });
}

/** Whether a page would come; asking for its headers starts no clock. */
export async function reach(address) {
  const response = await fetch(address, { method: "HEAD", cache: "no-store" });
  if (response.status >= SERVER_ERROR) throw new Error(response.status);
}

/** The last resort of a page that goes away: nobody hears the reply. */
export function throwAfter(address, said) {
  navigator.sendBeacon(address, new Blob([JSON.stringify(said)], { type: "application/json" }));
}
