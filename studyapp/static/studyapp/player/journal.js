// Events: kept like answers, sent in batches, never in anybody's way.
import { uuid } from "./random.js";
import { backOff } from "./retry.js";
import { tell, throwAfter } from "./server.js";

const EVERY_MS = 4000;
const BATCH = 100;

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
    await this.#takeUp();
    setInterval(() => this.send(), EVERY_MS);
    addEventListener("pagehide", () => this.#unsent.size && throwAfter(this.#address, this.#batch()));
  }

  /** Send all that earlier pages left behind; rejects when the server can't be reached. */
  async deliver() {
    await this.#takeUp();
    while (this.#unsent.size) await this.#tellBatch();
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
    try {
      if (this.#unsent.size) await this.#tellBatch();
    } catch {
      await backOff(1);
    }
  }

  /** What the server does not take now it will not take later. */
  async #tellBatch() {
    const batch = this.#batch();
    await tell(this.#address, batch);
    await this.#forget(batch.events.map((event) => event.key));
  }

  async #takeUp() {
    for (const row of await this.#store.ofSession("events", this.#session)) {
      this.#unsent.set(row.key, row);
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
