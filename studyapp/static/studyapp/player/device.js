// The number by which the server knows this browser, the same in all its tabs.
import { uuid } from "./random.js";

export async function deviceOf(store) {
  await store.add("device", { name: "this", uuid: uuid() });
  return (await store.get("device", "this")).uuid;
}
