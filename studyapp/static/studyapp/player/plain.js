// Pages that stay plain forms: a double click sends once, Enter goes on from anywhere, and a graph
// that is wider than the screen begins with its root in sight.
import { Drawing } from "./drawing.js";
import { centre } from "./panning.js";

for (const form of document.querySelectorAll("main form")) {
  form.addEventListener("submit", () => {
    // After the event: a disabled button would not be sent.
    setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  });
}

addEventListener("pageshow", (event) => event.persisted && location.reload());

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.closest("input, button, a, textarea, select")) return;
  document.querySelector("main form button[type=submit]")?.click();
});

for (const svg of document.querySelectorAll("main svg.graph")) {
  const drawing = new Drawing(svg);
  centre(svg.parentElement, drawing.middle(drawing.roots[0]));
}
