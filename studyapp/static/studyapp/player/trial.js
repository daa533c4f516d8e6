// One trial: put on the stage, shown, answered.
import { attachKeyboard } from "./keyboard.js";
import { causedAt, Clock } from "./clock.js";
import { startCountdown } from "./countdown.js";
import * as screens from "./screens.js";
import { attachWidgets } from "./widgets.js";

/**
 * Ask a question of a trial and resolve with its answer, or with null when another tab answered it or another
 * device has taken the session over.
 */
export async function askTrial(trial, { journal, reloads, isAnswered, lease }) {
  const stage = document.getElementById("trial");
  // Set only when nothing runs in it: it is the server's own page.
  stage.innerHTML = trial.page;
  stage.classList.add("veiled");
  const form = stage.querySelector("form");
  const clock = new Clock();
  const emit = (kind, data) => journal.note(kind, data);
  journal.enter(trial.uid, trial.is_first, clock);
  const detach = await attachWidgets(stage.closest("main"), emit, () => clock.now());
  const answering = answered(form, clock, emit, isAnswered);
  const stopped = new Promise((resolve) => {
    if (lease.aborted) resolve(null);
    lease.addEventListener("abort", () => resolve(null), { once: true });
  });
  screens.showTrial();
  screens.showProgress(trial);
  let detachKeyboard;
  const reveal = () => {
    stage.classList.remove("veiled");
    detachKeyboard = attachKeyboard(form, screens.openHelp);
  };
  await clock.start([...stage.querySelectorAll("img")], reveal, emit);
  const stopCountdown = startCountdown(stage, clock, emit);
  const answer = await Promise.race([answering, stopped]);
  clock.stop();
  stopCountdown();
  detach();
  detachKeyboard();
  journal.leave();
  return answer && { trial: trial.uid, is_first: trial.is_first, ...answer(reloads) };
}

function answered(form, clock, emit, isAnswered) {
  let pickedAt = null;
  // The second click of a double click was meant for the trial before.
  form.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.type === "submit") event.preventDefault();
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "choice") pickedAt = causedAt(event);
    emit("picked", { name: event.target.name, value: event.target.value });
  });
  return new Promise((resolve) => {
    const look = async () => {
      if (document.hidden || !(await isAnswered())) return;
      document.removeEventListener("visibilitychange", look);
      resolve(null);
    };
    document.addEventListener("visibilitychange", look);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const submittedAt = causedAt(event);
      for (const button of form.querySelectorAll("button")) button.disabled = true;
      document.removeEventListener("visibilitychange", look);
      const said = new FormData(form);
      resolve((reloads) => ({
        key: said.get("key"),
        choice: said.get("choice"),
        confidence: said.has("confidence") ? Number(said.get("confidence")) : null,
        rt_ms: pickedAt === null ? null : clock.since(pickedAt),
        timing: clock.record(submittedAt, reloads),
      }));
    }, { once: true });
  });
}
