// Colours or lines over a picture: fade them, switch them off and on.
import { attachControls, paintLayer } from "../controls.js";

export function attach(root, emit) {
  const layer = root.querySelector(".layer");
  return attachControls(root, (strength) => paintLayer(layer, strength), emit).detach;
}
