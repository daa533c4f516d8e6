// What the page tells the player: addresses, and every text that is shown.
const root = document.getElementById("player");

export const config = { ...root.dataset };

const texts = new Map(
  [...root.querySelector("template").content.children].map((text) => [text.dataset.text, text.textContent]),
);

/** The text of that name, its {placeholders} filled. */
export function text(name, values = {}) {
  return texts.get(name).replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
