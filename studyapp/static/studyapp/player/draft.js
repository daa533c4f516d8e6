// What was typed into a questionnaire outlives a reload, a crash and a night: it is kept in this
// browser until the session has gone on, which is when the server has it.
import { forgetDraft, keepDraft, readDraft } from "./draft_memory.js";

const { session, stage } = document.getElementById("draft").dataset;
const form = document.querySelector("form[data-draft]");
const draft = readDraft(session);

if (draft && draft.stage !== stage) {
  forgetDraft(session);
} else if (draft && form) {
  for (const [name, value] of draft.typed) form.elements[name].value = value;
}
form?.addEventListener("input", () => keepDraft(session, { stage, typed: [...new FormData(form)] }));
