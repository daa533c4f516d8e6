// A graph of patches: choose a node to see it large and to find its squares in the picture, open
// what is below it, move about by arrows.
import { attachControls, paintLayer } from "../controls.js";
import { Drawing } from "../drawing.js";
import { Dwell } from "../dwell.js";
import { attachPanning, centre } from "../panning.js";

export function attach(root, emit, now) {
  const drawing = new Drawing(root.querySelector(".graph"));
  const large = new Large(root);
  const dwell = new Dwell("part", emit, now);
  const controls = attachControls(root, (strength) => large.paint(strength), emit);
  const unfold = root.querySelector(".unfold");
  const opened = new Set();
  let picked = null;

  const canOpen = (part) => Boolean(unfold) && drawing.children(part).length > 0;
  const tell = () => {
    for (const [part, node] of drawing.nodes) {
      node.setAttribute("aria-pressed", String(part === picked));
      if (!canOpen(part)) continue;
      node.setAttribute("aria-expanded", String(opened.has(part)));
      node.querySelector(".more text").textContent = opened.has(part) ? "−" : "+";
    }
    if (!unfold) return;
    unfold.hidden = !canOpen(picked);
    unfold.firstElementChild.setAttribute("aria-expanded", String(opened.has(picked)));
  };
  const pick = (part) => {
    picked = part;
    large.show(drawing.nodes.get(part));
    controls.show();
    dwell.enter({ part }, { part });
    tell();
  };
  const toggle = (part) => {
    const isOpen = opened.delete(part);
    if (!isOpen) opened.add(part);
    drawing.showOpened(opened);
    centre(drawing.svg.parentElement, drawing.middle(part));
    emit(isOpen ? "children_closed" : "children_opened", { part });
    if (!drawing.isVisible(picked)) pick(part);
    tell();
  };
  const choose = (part) => {
    stand(drawing, part);
    if (part !== picked) pick(part);
    else if (canOpen(part)) toggle(part);
  };
  const close = (part) => {
    if (opened.has(part)) toggle(part);
    else step(drawing, drawing.parents(part)[0]) || leave();
  };

  for (const [part, node] of drawing.nodes) {
    node.setAttribute("role", "button");
    node.setAttribute("aria-label", node.dataset.alt);
    if (canOpen(part)) node.querySelector(".more").removeAttribute("hidden");
    node.addEventListener("click", () => choose(part));
    node.addEventListener("keydown", (event) => {
      const act = { Enter: choose, " ": choose, Escape: close }[event.key] ?? arrow(drawing, event.key);
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      // The form's own keys have no part in it.
      event.stopPropagation();
      event.preventDefault();
      act(part);
    });
  }
  drawing.svg.setAttribute("role", "group");
  drawing.svg.parentElement.removeAttribute("tabindex");
  unfold?.firstElementChild.addEventListener("click", () => toggle(picked));
  if (unfold) drawing.showOpened(opened);
  const detachPanning = attachPanning(root, emit, drawing.middle(drawing.roots[0]));
  for (const hint of root.querySelectorAll(".live[hidden]")) hint.hidden = false;
  stand(drawing, drawing.roots[0]);
  pick(drawing.roots[0]);
  return () => {
    controls.detach();
    detachPanning();
    dwell.detach();
  };
}

/** What an arrow does: along a line, or to the neighbour. */
function arrow(drawing, key) {
  const beside = (by) => (part) => {
    const row = drawing.row(part);
    return row[row.indexOf(part) + by];
  };
  const next = {
    ArrowUp: (part) => drawing.parents(part)[0],
    ArrowDown: (part) => drawing.children(part).find((child) => drawing.isVisible(child)),
    ArrowLeft: beside(-1),
    ArrowRight: beside(1),
  }[key];
  return next && ((part) => step(drawing, next(part)));
}

function step(drawing, part) {
  if (!part) return false;
  stand(drawing, part);
  const node = drawing.nodes.get(part);
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest", inline: "center" });
  return true;
}

/** One node at a time is in the order of the Tab key. */
function stand(drawing, part) {
  for (const [other, node] of drawing.nodes) node.setAttribute("tabindex", other === part ? 0 : -1);
}

function leave() {
  document.querySelector("#trial h1").focus();
}

/** A node in the size of the picture, and its squares on the picture itself. */
class Large {
  constructor(root) {
    this.figure = root.querySelector(".chosen");
    this.shade = this.figure.querySelector(".shade");
    this.outline = root.querySelector(".outline");
    this.words = root.querySelector(".words");
  }

  show(node) {
    const { squares, gone, part, alt } = node.dataset;
    const cells = this.shade.viewBox.baseVal.width;
    this.shade.querySelector(".dark").setAttribute("d", `M0 0h${cells}v${cells}h-${cells}z${squares}`);
    this.shade.querySelector(".gone").setAttribute("d", gone);
    this.shade.setAttribute("aria-label", alt);
    for (const path of this.outline?.children ?? []) path.setAttribute("d", squares);
    const told = this.words.querySelector(`[data-part=${part}]`).textContent;
    this.figure.querySelector(".told").textContent = told;
    this.figure.hidden = false;
  }

  paint(strength) {
    paintLayer(this.shade, strength);
    if (this.outline) this.outline.style.opacity = strength;
  }
}
