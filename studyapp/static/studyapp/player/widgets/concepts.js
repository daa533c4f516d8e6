// Concepts: one at a time over the picture, chosen from a list that says how much each weighs.
import { attachControls, paintLayer } from "../controls.js";
import { Dwell } from "../dwell.js";

export function attach(root, emit, now) {
  const figure = root.querySelector(".chosen");
  const layer = figure.querySelector(".layer");
  const controls = attachControls(figure, (strength) => paintLayer(layer, strength), emit);
  const list = root.querySelector(".concepts.pickable");
  if (!list) return controls.detach;
  const dwell = new Dwell("part", emit, now);
  const items = [...list.children];

  const pick = (picked) => {
    for (const item of items) {
      item.classList.toggle("picked", item === picked);
      item.querySelector(".concept").setAttribute("aria-pressed", String(item === picked));
    }
    const small = picked.querySelector(".concept .layer");
    layer.src = small.src;
    layer.alt = small.alt;
    figure.querySelector(".told").textContent = picked.querySelector(".name").textContent;
    controls.show();
    const { part } = picked.dataset;
    dwell.enter({ part }, { part });
  };
  for (const item of items) {
    const button = asButton(item.querySelector(".concept"));
    button.addEventListener("click", () => !item.matches(".picked") && pick(item));
  }
  list.classList.add("live");
  for (const hint of root.querySelectorAll(".live[hidden]")) hint.hidden = false;
  pick(items[0]);
  return () => {
    controls.detach();
    dwell.detach();
  };
}

/** Put a button in the place of an element that could not be pressed without scripts. */
function asButton(element) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = element.className;
  button.append(...element.childNodes);
  element.replaceWith(button);
  return button;
}
