// How often the player had to give up in this tab since it last finished a block.
const NAME = "larus-failures";

export function failures() {
  try {
    return Number(sessionStorage.getItem(NAME));
  } catch {
    return 0;
  }
}

export function countFailure() {
  try {
    sessionStorage.setItem(NAME, failures() + 1);
  } catch {
    // A browser without this memory begins anew each time.
  }
}

export function forgetFailures() {
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // There is nothing to forget.
  }
}
