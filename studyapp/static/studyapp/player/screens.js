// What is on the screen besides the trial: loading, sending, another device, notices, help.
import { text } from "./config.js";

const part = (id) => document.getElementById(id);
const stage = part("trial");

function only(shown) {
  for (const element of [stage, part("waiting"), part("elsewhere")]) {
    element.hidden = element !== shown;
  }
}

function focus(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

function clicked(button) {
  return new Promise((resolve) => button.addEventListener("click", resolve, { once: true }));
}

export function showTrial() {
  only(stage);
  focus(stage.querySelector("h1"));
  scrollTo(0, 0);
}

/** Say what is waited for; with a total, how far it is. */
export function showWaiting(name, values = {}) {
  only(part("waiting"));
  part("waiting-text").textContent = text(name, values);
  part("waiting-trouble").hidden = true;
  const bar = part("waiting-progress");
  bar.hidden = !values.total;
  if (values.total) {
    bar.max = values.total;
    bar.value = values.done;
  }
}

export function showSlow() {
  part("waiting-slow").hidden = false;
}

/** Loading has failed: resolves when the participant asks for another try. */
export async function askToTryAgain() {
  only(part("waiting"));
  part("waiting-slow").hidden = true;
  part("waiting-trouble").hidden = false;
  await clicked(part("try-again"));
  part("waiting-trouble").hidden = true;
}

/** Another device holds the session: resolves when the participant wants to continue here. */
export async function askToContinueHere() {
  only(part("elsewhere"));
  focus(part("elsewhere").querySelector("h1"));
  await clicked(part("continue-here"));
}

/** A line that stays while it is true; no text takes it away. */
export function notice(name, values) {
  const line = part("notice");
  const told = name ? text(name, values) : "";
  if (line.textContent !== told) line.textContent = told;
  line.hidden = !told;
}

/** Serve the help; `opened` hears each time that it is, by its button or by a key. */
export function attachHelp(opened) {
  part("help-open").addEventListener("click", openHelp);
  part("help-close").addEventListener("click", () => part("help").close());
  part("help").addEventListener("larus:opened", opened);
}

export function openHelp() {
  if (part("help").open) return;
  part("help").showModal();
  part("help").dispatchEvent(new Event("larus:opened"));
}

/** Say where the session stands: in the bar above, and in the window's title. */
export function showProgress(trial) {
  const told = stage.querySelector("h1").textContent;
  document.querySelector("label[for=progress]").textContent = told;
  const bar = part("progress");
  bar.max = trial.total;
  bar.value = trial.number;
  document.title = document.title.replace(/^[^·]*/, `${told} `);
}
