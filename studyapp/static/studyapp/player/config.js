// What the page tells the player: addresses, and every text that is shown.
const root = document.getElementById("player");

export const config = { ...root.dataset };

const texts = JSON.parse(root.dataset.texts);

/** The text of that name, its {placeholders} filled. */
export function text(name, values = {}) {
  return texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
