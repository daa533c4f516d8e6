// Answers go into the browser's memory first and are sent from there, one request each, again and
// again until the server acknowledges them. Receipts are kept.
import { backOff } from "./retry.js";
import { tell, throwAfter } from "./server.js";

const ACKNOWLEDGED = [200, 201, 409];
const OVER = 410;

// How long the answer was kept here, so that staff can see where the network fails.
const spoken = ({ said, keptAt }) => ({ ...said, waited_ms: Math.max(0, Date.now() - keptAt) });

const isSame = (one, other) => one.choice === other.choice && one.confidence === other.confidence;

export class Outbox {
  #store;
  #address;
  #session;
  #listener;
  #unsent = new Map();
  // Not on the disk yet: when the page goes now, only a beacon can save it.
  #arriving = new Set();
  // What the server refused, in case the disk can't be told.
  #refused = new Set();
  #draining = null;

  /** `listener` hears `trouble()`, `relief()`, `elsewhere()` and `over()`. */
  constructor(store, address, session, listener) {
    this.#store = store;
    this.#address = address;
    this.#session = session;
    this.#listener = listener;
  }

  /** Take up what an earlier visit left behind. */
  async open() {
    for (const row of await this.#store.ofSession("answers", this.#session)) {
      if (!row.receipt && !row.refused) this.#unsent.set(row.trial, row);
    }
    addEventListener("pagehide", () => {
      const rows = new Set([...this.#unsent.values(), ...this.#arriving]);
      for (const row of rows) throwAfter(this.#address, spoken(row));
    });
    this.#drain();
  }

  /**
   * Keep an answer; it is sent as soon as may be. A different one that another tab gave stays: the
   * server keeps both, and flags the one that does not count.
   */
  async put(asking, said) {
    const row = { trial: asking, session: this.#session, said, keptAt: Date.now() };
    this.#arriving.add(row);
    try {
      const given = await this.given(asking);
      if (given && isSame(given.said, said)) return;
      if (given) row.trial = `${asking} ${said.key}`;
      await this.#store.put("answers", row);
    } catch {
      // A full or failing disk: the answer is still sent from here.
    } finally {
      this.#arriving.delete(row);
    }
    this.#unsent.set(row.trial, row);
    this.#drain();
  }

  /** The answer that this browser has to a question, if the server did not refuse it. */
  async given(asking) {
    const row = await this.#store.get("answers", asking);
    return row && !row.refused && !this.#refused.has(asking) ? row : null;
  }

  /** Send again what this browser has of some questions; say how many answers that is. */
  async resend(askings) {
    const rows = await Promise.all(askings.map((asking) => this.given(asking)));
    const given = rows.filter(Boolean);
    for (const row of given) this.#unsent.set(row.trial, row);
    await this.drained();
    return given.length;
  }

  /** Resolves when the server has everything. */
  async drained() {
    while (this.#unsent.size) await this.#drain();
  }

  #drain() {
    this.#draining ??= this.#sendAll().finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  async #sendAll() {
    for (let failures = 0; this.#unsent.size; ) {
      const [row] = this.#unsent.values();
      try {
        const { status, said } = await tell(this.#address, spoken(row));
        await this.#settle(row, status, said);
        failures = 0;
      } catch {
        // To the end of the queue: one that fails does not hold up the others.
        this.#unsent.delete(row.trial);
        this.#unsent.set(row.trial, row);
        this.#listener.trouble();
        await backOff(failures);
        failures += 1;
      }
    }
  }

  async #settle(row, status, said) {
    this.#listener.relief();
    await this.#note(row, status, said);
    this.#unsent.delete(row.trial);
    if (status === OVER) this.#listener.over();
    if (said.lease === "elsewhere") this.#listener.elsewhere();
  }

  async #note(row, status, said) {
    const fate = ACKNOWLEDGED.includes(status)
      ? { receipt: said.receipt, outcome: said.outcome, refused: undefined }
      : { refused: status };
    if (fate.refused) this.#refused.add(row.trial);
    else this.#refused.delete(row.trial);
    try {
      await this.#store.put("answers", { ...row, ...fate });
    } catch {
      // The server has the answer, or never will.
    }
  }
}
