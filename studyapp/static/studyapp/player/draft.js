// What was typed into a questionnaire outlives a reload, a crash and a night: it is kept in this
// browser until the session has gone on, which is when the server has it.
const { session, stage } = document.getElementById("draft").dataset;
const NAME = `larus-draft ${session}`;
const form = document.querySelector("form[data-draft]");

/** Do something with the browser's memory; one that refuses keeps no draft. */
function remembering(act) {
  try {
    return act(localStorage);
  } catch {
    return null;
  }
}

export function forgetDraft() {
  remembering((memory) => memory.removeItem(NAME));
}

function keep() {
  const typed = [...new FormData(form)];
  remembering((memory) => memory.setItem(NAME, JSON.stringify({ stage, typed })));
}

const draft = remembering((memory) => JSON.parse(memory.getItem(NAME)));
if (draft && draft.stage !== stage) forgetDraft();
if (form) {
  if (draft?.stage === stage) {
    for (const [name, value] of draft.typed) form.elements[name].value = value;
  }
  form.addEventListener("input", keep);
}
