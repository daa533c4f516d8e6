// A drawn graph: its nodes and lines, which of them are visible, and where they stand.
const words = (text) => text.split(" ").filter(Boolean);

export class Drawing {
  constructor(svg) {
    this.svg = svg;
    this.nodes = new Map([...svg.querySelectorAll(".node")].map((node) => [node.dataset.part, node]));
    this.lines = [...svg.querySelectorAll(".edge")];
    this.places = new Map([...this.nodes].map(([part, node]) => [part, placeOf(node)]));
    this.roots = [...this.nodes.keys()].filter((part) => this.nodes.get(part).matches(".root"));
    const { width, height } = this.nodes.get(this.roots[0]).querySelector(".frame");
    this.tile = { width: width.baseVal.value, height: height.baseVal.value };
  }

  children(part) {
    return words(this.nodes.get(part).dataset.children);
  }

  parents(part) {
    return words(this.nodes.get(part).dataset.parents).filter((parent) => this.isVisible(parent));
  }

  /** Where a node stands across, in pixels. */
  middle(part) {
    return this.places.get(part).x + this.tile.width / 2;
  }

  isVisible(part) {
    return !this.nodes.get(part).hasAttribute("hidden");
  }

  /** The visible nodes that stand level with one, from left to right. */
  row(part) {
    const { y } = this.places.get(part);
    return [...this.nodes.keys()]
      .filter((other) => this.isVisible(other) && this.places.get(other).y === y)
      .sort((a, b) => this.places.get(a).x - this.places.get(b).x);
  }

  /** Show the roots and what hangs below opened nodes, and draw that together. */
  showOpened(opened) {
    const visible = new Set(this.roots);
    // A set gives what is added while it is walked.
    for (const part of visible) {
      if (opened.has(part)) this.children(part).forEach((child) => visible.add(child));
    }
    for (const [part, node] of this.nodes) node.toggleAttribute("hidden", !visible.has(part));
    const rows = new Map([...visible].map((part) => [this.places.get(part).y, this.row(part)]));
    const slots = Math.max(2, ...[...rows.values()].map((row) => row.length));
    const width = slots * Number(this.svg.dataset.slot);
    for (const row of rows.values()) row.forEach((part, index) => this.#move(part, (index + 0.5) * (width / row.length)));
    this.#resize(width, Math.max(...rows.keys()));
    this.lines.forEach((line) => this.#stretch(line));
  }

  #move(part, middle) {
    const place = this.places.get(part);
    place.x = middle - this.tile.width / 2;
    this.nodes.get(part).setAttribute("transform", `translate(${place.x} ${place.y})`);
  }

  #resize(width, lowest) {
    const height = lowest + this.tile.height + Number(this.svg.dataset.label) + this.places.get(this.roots[0]).y;
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", height);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  #stretch(line) {
    const ends = words(line.dataset.ends);
    line.toggleAttribute("hidden", !ends.every((part) => this.isVisible(part)));
    ends.forEach((part, end) => line.setAttribute(`x${end + 1}`, this.middle(part)));
  }
}

function placeOf(node) {
  const { e, f } = node.transform.baseVal[0].matrix;
  return { x: e, y: f };
}
