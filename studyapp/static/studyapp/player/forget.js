// A run that has ended leaves nothing behind in the browser. What a completed one still holds (an
// answer that came too late, the last events) is delivered first; whoever withdrew sends no more.
import { forgetDraft } from "./draft_memory.js";
import { forgetFailures } from "./failures.js";
import { Journal } from "./journal.js";
import { Outbox } from "./outbox.js";
import { insist } from "./retry.js";
import { openStore } from "./store.js";

const { session, responses, events, delivers } = document.getElementById("forget").dataset;
const nobody = { trouble() {}, relief() {}, elsewhere() {}, over() {} };

async function deliver(store) {
  const outbox = new Outbox(store, responses, session, nobody);
  await outbox.open();
  await outbox.drained();
  const journal = new Journal(store, events, session);
  await insist(() => journal.deliver());
}

forgetFailures();
forgetDraft(session);
const store = await openStore();
if (store) {
  if (delivers === "yes") await deliver(store);
  await store.forget(session);
}
