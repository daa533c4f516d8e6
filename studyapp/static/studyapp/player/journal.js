// Events: kept like answers, sent in batches, never in anybody's way.
import { uuid } from "./random.js";
import { backOff } from "./retry.js";
import { tell, throwAfter } from "./server.js";

const EVERY_MS = 4000;
const BATCH = 100;
const REFUSED = 422;

export class Journal {
  #store;
  #address;
  #session;
  #unsent = new Map();
  #trial = null;
  #device = null;
  #lease = null;
  #sending = null;

  constructor(store, address, session) {
    this.#store = store;
    this.#address = address;
    this.#session = session;
  }

  async open() {
    await this.#takeUp();
    setInterval(() => this.send(), EVERY_MS);
    // They come to the server late, and a gap may outlast a trial: the page's own clock times them.
    for (const kind of ["offline", "online"]) {
      addEventListener(kind, () => this.note(kind, { page_ms: Math.round(performance.now()) }));
    }
    addEventListener("pagehide", () => {
      for (const batch of this.#batches()) throwAfter(this.#address, batch);
    });
  }

  /** From now on the server is asked with each batch whether a device still has its lease. */
  hold(lease, device) {
    this.#lease = lease;
    this.#device = device;
  }

  /** What is noted from now on belongs to a trial and has its time, until `leave` is called. */
  enter(uid, isFirst, clock) {
    this.#trial = { uid, clock, figures: isFirst ? { is_first: true } : {} };
  }

  leave() {
    this.#trial = null;
  }

  /** Send all that earlier pages left behind; rejects when the server can't be reached. */
  async deliver() {
    await this.#takeUp();
    await this.#tellAll();
  }

  note(kind, data = {}) {
    const { uid = null, clock, figures } = this.#trial ?? {};
    const time = { trial: uid, since_onset_ms: clock?.now() ?? null };
    const said = { key: uuid(), kind, ...time, data: { ...data, ...figures } };
    const row = { key: said.key, session: this.#session, said };
    this.#unsent.set(row.key, row);
    this.#store.put("events", row).catch(() => {});
  }

  /** Try once to send what there is. */
  send() {
    this.#sending ??= this.#tryAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #tryAll() {
    try {
      await this.#tellAll();
    } catch {
      await backOff(1);
    }
  }

  async #tellAll() {
    while (this.#unsent.size) await this.#tellBatch();
  }

  /** What the server does not take now it will not take later; one that it refuses takes no other with it. */
  async #tellBatch() {
    const [{ events }] = this.#batches();
    const lease = this.#lease;
    const { status, said } = await tell(this.#address, { device: this.#device, events });
    if (said.lease === "elsewhere") lease?.abort();
    if (status === REFUSED) {
      for (const event of events) await tell(this.#address, { events: [event] });
    }
    await this.#forget(events.map((event) => event.key));
  }

  async #takeUp() {
    for (const row of await this.#store.ofSession("events", this.#session)) {
      this.#unsent.set(row.key, row);
    }
  }

  #batches() {
    const said = [...this.#unsent.values()].map((row) => row.said);
    const batches = [];
    while (said.length) batches.push({ events: said.splice(0, BATCH) });
    return batches;
  }

  async #forget(keys) {
    for (const key of keys) this.#unsent.delete(key);
    await this.#store.remove("events", keys).catch(() => {});
  }
}
