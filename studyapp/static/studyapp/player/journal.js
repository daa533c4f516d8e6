// Events: kept like answers, sent in batches, never in anybody's way.
import { uuid } from "./random.js";
import { backOff } from "./retry.js";
import { tell, throwAfter } from "./server.js";

const EVERY_MS = 4000;
const BATCH = 100;
const OK = 200;

export class Journal {
  #store;
  #address;
  #session;
  #unsent = new Map();
  #sending = null;

  constructor(store, address, session) {
    this.#store = store;
    this.#address = address;
    this.#session = session;
  }

  async open() {
    for (const row of await this.#store.ofSession("events", this.#session)) {
      this.#unsent.set(row.key, row);
    }
    setInterval(() => this.send(), EVERY_MS);
    addEventListener("pagehide", () => this.#unsent.size && throwAfter(this.#address, this.#batch()));
  }

  note(kind, data = {}, trial = null, sinceOnsetMs = null) {
    const said = { key: uuid(), kind, trial, since_onset_ms: sinceOnsetMs, data };
    const row = { key: said.key, session: this.#session, said };
    this.#unsent.set(row.key, row);
    this.#store.put("events", row).catch(() => {});
  }

  /** Try once to send what there is. */
  send() {
    this.#sending ??= this.#sendBatch().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendBatch() {
    if (!this.#unsent.size) return;
    const batch = this.#batch();
    try {
      const { status } = await tell(this.#address, batch);
      // What the server does not take now it will not take later.
      if (status >= OK) await this.#forget(batch.events.map((event) => event.key));
    } catch {
      await backOff(1);
    }
  }

  #batch() {
    return { events: [...this.#unsent.values()].slice(0, BATCH).map((row) => row.said) };
  }

  async #forget(keys) {
    for (const key of keys) this.#unsent.delete(key);
    await this.#store.remove("events", keys).catch(() => {});
  }
}
