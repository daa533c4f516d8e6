// The guide to the species: opened and closed by a click or a key. It stays as it was left, from
// trial to trial and over a reload.
import { Dwell } from "../dwell.js";

const KEY = "g";
const KEPT = "larus-guide";

export function attach(root, emit, now) {
  const dwell = new Dwell("guide", emit, now);
  root.open ||= wasOpen();
  let open = root.open;
  if (open) dwell.enter({ stayed: true }, {});

  const toggled = () => {
    if (root.open === open) return;
    open = root.open;
    keep(open);
    if (open) dwell.enter({ stayed: false }, {});
    else dwell.leave();
  };
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const isInside = root.contains(document.activeElement);
    if (event.key === "Escape" && isInside && root.open) {
      root.open = false;
      root.querySelector("summary").focus();
    } else if (event.key.toLowerCase() === KEY) {
      root.open = !root.open;
    }
  };
  root.addEventListener("toggle", toggled);
  document.addEventListener("keydown", press);
  return () => {
    dwell.detach();
    root.removeEventListener("toggle", toggled);
    document.removeEventListener("keydown", press);
  };
}

// A browser may refuse to keep anything; then the guide begins closed.
function wasOpen() {
  try {
    return sessionStorage.getItem(KEPT) === "open";
  } catch {
    return false;
  }
}

function keep(open) {
  try {
    sessionStorage.setItem(KEPT, open ? "open" : "closed");
  } catch {
    // See above.
  }
}
