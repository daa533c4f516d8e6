// Without a memory in the browser there is no outbox: the page's own trial is timed and its form
// posted as it is.
import { causedAt, Clock } from "./clock.js";
import { startCountdown } from "./countdown.js";
import { attachKeyboard } from "./keyboard.js";
import * as screens from "./screens.js";
import { attachWidgets } from "./widgets.js";

export async function servePlainForm(reveal) {
  const stage = document.getElementById("trial");
  const form = stage.querySelector("form");
  const clock = new Clock();
  let pickedAt = null;
  await attachWidgets(stage.closest("main"), () => {}, () => clock.now());
  await clock.start([...stage.querySelectorAll("img")], reveal, () => {});
  startCountdown(stage, clock, () => {});
  attachKeyboard(form, screens.openHelp);
  form.addEventListener("change", (event) => {
    if (event.target.name === "choice") pickedAt = causedAt(event);
  });
  form.addEventListener("submit", (event) => {
    const submittedAt = causedAt(event);
    form.elements.rt_ms.value = pickedAt === null ? "" : (clock.since(pickedAt) ?? "");
    form.elements.timing.value = JSON.stringify(clock.record(submittedAt, null));
    setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  });
}
