// What lies over a picture: faded by a slider, switched off and on by a button or by a key.
const KEY = "f";

/**
 * Serve the controls below an element, if it has any. `paint` is told how strong what lies over
 * the picture shall be, from 0 to 1.
 */
export function attachControls(root, paint, emit) {
  const controls = root.querySelector(".controls");
  if (!controls) return { show() {}, detach() {} };
  const slider = controls.querySelector("input[type=range]");
  const button = controls.querySelector("button");
  let shown = true;

  const repaint = () => {
    paint(shown ? (slider?.value ?? 100) / 100 : 0);
    button?.setAttribute("aria-pressed", String(shown));
  };
  const show = () => {
    shown = true;
    repaint();
  };
  const flip = () => {
    shown = !shown;
    repaint();
    emit("colours_switched", { shown });
  };
  const faded = () => emit("opacity_changed", { percent: Number(slider.value) });
  const press = (event) => {
    if (event.key.toLowerCase() === KEY && !event.ctrlKey && !event.metaKey && !event.altKey) flip();
  };

  controls.hidden = false;
  slider?.addEventListener("input", show);
  slider?.addEventListener("change", faded);
  button?.addEventListener("click", flip);
  if (button) document.addEventListener("keydown", press);
  return { show, detach: () => document.removeEventListener("keydown", press) };
}

/** Make a layer as strong as that; one that can't be seen is not read out either. */
export function paintLayer(layer, strength) {
  layer.style.opacity = strength;
  layer.setAttribute("aria-hidden", String(strength === 0));
}
