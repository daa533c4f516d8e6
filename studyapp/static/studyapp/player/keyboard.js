// Digits pick, arrows move, Enter answers, ? opens the help and Escape closes it (the dialog's own).
const ARROWS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

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
    else if (ARROWS.includes(event.key) && isAtRest) pick(meant(form)[0]);
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}
