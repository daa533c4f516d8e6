// The browser's own memory: answers and events until the server has them, and receipts after.
const NAME = "larus";
const TABLES = { answers: "trial", events: "key", showings: "trial", device: "name" };

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Open it; null where the browser has none, as in some private windows. */
export async function openStore() {
  try {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(TABLES)) {
        opening.result.createObjectStore(name, { keyPath });
      }
    };
    return new Store(await settled(opening));
  } catch {
    return null;
  }
}

/** Stands in for it where there is none: what is told to it lives as long as the page. */
export const noStore = {
  ofSession: async () => [],
  put: async () => {},
  remove: async () => {},
};

class Store {
  constructor(database) {
    this.database = database;
  }

  get(table, key) {
    return settled(this.#table(table, "readonly").get(key));
  }

  async ofSession(table, session) {
    const rows = await settled(this.#table(table, "readonly").getAll());
    return rows.filter((row) => row.session === session);
  }

  put(table, row) {
    return this.#written(table, (rows) => rows.put(row));
  }

  /** Write a row unless there is one of its key; say whether it was written. */
  async add(table, row) {
    try {
      await this.#written(table, (rows) => rows.add(row));
      return true;
    } catch (error) {
      if (error?.name === "ConstraintError") return false;
      throw error;
    }
  }

  remove(table, keys) {
    return this.#written(table, (rows) => keys.forEach((key) => rows.delete(key)));
  }

  #table(name, mode) {
    return this.database.transaction(name, mode, { durability: "strict" }).objectStore(name);
  }

  /** Done when it is on the disk, not before. */
  #written(table, write) {
    const rows = this.#table(table, "readwrite");
    return new Promise((resolve, reject) => {
      rows.transaction.oncomplete = resolve;
      rows.transaction.onabort = () => reject(rows.transaction.error);
      write(rows);
    });
  }
}
