// Without a memory in the browser there is no outbox: the page's own trial is timed and its form
// posted as it is. What happens in it is told before the page goes.
import { causedAt, Clock } from "./clock.js";
import { config } from "./config.js";
import { startCountdown } from "./countdown.js";
import { Journal } from "./journal.js";
import { attachKeyboard } from "./keyboard.js";
import * as screens from "./screens.js";
import { noStore } from "./store.js";
import { attachWidgets } from "./widgets.js";

export async function servePlainForm(reveal) {
  const stage = document.getElementById("trial");
  const form = stage.querySelector("form");
  const clock = new Clock();
  const journal = new Journal(noStore, config.events, config.session);
  const emit = (kind, data) => journal.note(kind, data);
  let pickedAt = null;
  await journal.open();
  journal.enter(stage.dataset.uid, form.elements.is_first.value === "True", clock);
  const detach = await attachWidgets(stage.closest("main"), emit, () => clock.now());
  await clock.start([...stage.querySelectorAll("img")], reveal, emit);
  startCountdown(stage, clock, emit);
  screens.attachHelp(() => emit("help_opened"));
  attachKeyboard(form, screens.openHelp);
  form.addEventListener("change", (event) => {
    if (event.target.name === "choice") pickedAt = causedAt(event);
    emit("picked", { name: event.target.name, value: event.target.value });
  });
  form.addEventListener("submit", (event) => {
    const submittedAt = causedAt(event);
    form.elements.rt_ms.value = pickedAt === null ? "" : (clock.since(pickedAt) ?? "");
    form.elements.timing.value = JSON.stringify(clock.record(submittedAt, null));
    detach();
    setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  });
}
