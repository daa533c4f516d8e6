// Digits pick, arrows move (from the first answer or from the last, so that all are reached), Enter
// answers, ? opens the help and Escape closes it (the dialog's own).
const BEGINNING = { ArrowDown: 0, ArrowRight: 0, ArrowUp: -1, ArrowLeft: -1 };

function groups(form) {
  return [...form.querySelectorAll("fieldset")].map((fieldset) => [
    ...fieldset.querySelectorAll("input[type=radio]"),
  ]);
}

const isOpen = (group) => !group.some((radio) => radio.checked);

/** The group a digit is meant for: the one in focus, else the first that is unanswered. */
function meant(form) {
  const all = groups(form);
  return all.find((group) => group.includes(document.activeElement)) ?? all.find(isOpen) ?? all[0];
}

function pick(radio) {
  radio.focus();
  radio.click();
}

function pickNumber(form, number) {
  const group = meant(form);
  if (!group[number - 1]) return;
  pick(group[number - 1]);
  groups(form).find(isOpen)?.[0].focus();
}

/** Serve a form by keyboard until the function returned is called. */
export function attachKeyboard(form, openHelp) {
  const press = (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("dialog")) return;
    const isAtRest = !event.target.closest?.("input, button, a, textarea, select");
    if (/^[1-9]$/.test(event.key)) pickNumber(form, Number(event.key));
    else if (event.key === "?") openHelp();
    else if (event.key === "Enter" && isAtRest) form.requestSubmit(form.querySelector("[type=submit]"));
    else if (event.key in BEGINNING && isAtRest) pick(meant(form).slice(BEGINNING[event.key])[0]);
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
