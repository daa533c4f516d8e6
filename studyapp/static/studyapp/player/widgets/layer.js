// Colours over a picture: fade them, switch them off and on.
const KEY = "f";

export function attach(root, emit) {
  const layer = root.querySelector(".layer");
  const controls = root.querySelector(".controls");
  const slider = controls.querySelector("input[type=range]");
  const button = controls.querySelector("button");
  let shown = true;

  const paint = () => {
    layer.style.opacity = shown ? (slider?.value ?? 100) / 100 : 0;
    button?.setAttribute("aria-pressed", String(shown));
  };
  const flip = () => {
    shown = !shown;
    paint();
    emit("colours_switched", { shown });
  };
  const fade = () => {
    shown = true;
    paint();
  };
  const faded = () => emit("opacity_changed", { percent: Number(slider.value) });
  const press = (event) => {
    if (event.key.toLowerCase() === KEY && !event.ctrlKey && !event.metaKey && !event.altKey) flip();
  };

  controls.hidden = false;
  slider?.addEventListener("input", fade);
  slider?.addEventListener("change", faded);
  button?.addEventListener("click", flip);
  if (button) document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
