// Every picture of a block is here, whole and decoded, before its first trial begins.
import { withPatience } from "./patience.js";
import { backOff } from "./retry.js";

const AT_ONCE = 4;
const ATTEMPTS = 5;
const PATIENCE_MS = 20000;

// Kept, so that the browser keeps them too.
const loaded = new Map();

async function fetchWhole({ url, bytes }, cache, signal) {
  const response = await fetch(url, { cache, signal });
  const content = await response.blob();
  if (!response.ok || content.size !== bytes) throw new Error(`${url} is not whole`);
}

async function load(file, attempt) {
  const { url } = file;
  const cache = attempt ? "reload" : "default";
  await withPatience(PATIENCE_MS, (signal) => fetchWhole(file, cache, signal));
  const image = new Image();
  image.src = url;
  await image.decode();
  loaded.set(url, image);
}

async function loadWithPatience(file, onTrouble) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      return await load(file, attempt);
    } catch {
      onTrouble();
      if (attempt + 1 < ATTEMPTS) await backOff(attempt);
    }
  }
  throw new Error(`${file.url} did not come`);
}

/** Load files, four at a time. Rejects when one does not come; what has come is kept. */
export async function preload(files, { onProgress, onTrouble }) {
  const wanted = [...new Map(files.map((file) => [file.url, file])).values()];
  const waiting = wanted.filter((file) => !loaded.has(file.url));
  const tell = () => onProgress(wanted.filter((file) => loaded.has(file.url)).length, wanted.length);
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      await loadWithPatience(file, onTrouble);
      tell();
    }
  };
  tell();
  const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
