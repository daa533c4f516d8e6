// The browser's own memory: answers and events until the server has them, and receipts after.
const NAME = "larus";
const TABLES = { answers: "trial", events: "key", showings: "trial", device: "name" };
const OF_SESSION = ["answers", "events", "showings"];

// The name of a note that a session is over: nothing of it is written any more.
const over = (session) => `over ${session}`;

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
    return settled(this.#read(table).get(key));
  }

  async ofSession(table, session) {
    const rows = await settled(this.#read(table).getAll());
    return rows.filter((row) => row.session === session);
  }

  /** Write a row, unless its session is over: a page that goes away may write late. */
  put(table, row) {
    return this.#written([table, "device"], (rows, notes) => {
      notes.get(over(row.session)).onsuccess = ({ target }) => target.result || rows.put(row);
    });
  }

  /** Remove all that there is of a session, for good. */
  forget(session) {
    return this.#written(["device", ...OF_SESSION], (notes, ...tables) => {
      notes.put({ name: over(session) });
      for (const rows of tables) {
        rows.openCursor().onsuccess = ({ target: { result: cursor } }) => {
          if (cursor?.value.session === session) cursor.delete();
          cursor?.continue();
        };
      }
    });
  }

  /** Write a row unless there is one of its key; say whether it was written. */
  async add(table, row) {
    try {
      await this.#written([table], (rows) => rows.add(row));
      return true;
    } catch (error) {
      if (error?.name === "ConstraintError") return false;
      throw error;
    }
  }

  remove(table, keys) {
    return this.#written([table], (rows) => keys.forEach((key) => rows.delete(key)));
  }

  #read(table) {
    return this.database.transaction(table, "readonly").objectStore(table);
  }

  /** Done when it is on the disk, not before. */
  #written(tables, write) {
    const change = this.database.transaction(tables, "readwrite", { durability: "strict" });
    return new Promise((resolve, reject) => {
      change.oncomplete = resolve;
      change.onabort = () => reject(change.error);
      write(...tables.map((table) => change.objectStore(table)));
    });
  }
}
