// Who has withdrawn and had their answers deleted leaves nothing behind in the browser either.
import { openStore } from "./store.js";

const session = document.getElementById("forget").dataset.session;
const store = await openStore();
for (const [table, key] of [["answers", "trial"], ["events", "key"]]) {
  const rows = (await store?.ofSession(table, session)) ?? [];
  await store?.remove(table, rows.map((row) => row[key]));
}
