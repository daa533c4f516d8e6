// One block of trials: asked for, loaded, answered one after the other.
import { config } from "./config.js";
import { preload } from "./preload.js";
import { insist } from "./retry.js";
import * as screens from "./screens.js";
import { tell } from "./server.js";
import { askTrial } from "./trial.js";

/** Get the block for this device; where another holds the session, the participant is asked. */
export async function getBlock(device, takeOver = false) {
  const request = { device, take_over: takeOver };
  const ask = () => tell(config.block, request);
  const { status, said } = await insist(ask, () => screens.notice("offline"));
  screens.notice("");
  if (status !== 200) return [];
  if (said.lease === "held") return said.trials;
  await screens.askToContinueHere();
  return getBlock(device, true);
}

/** Load all pictures of a block, asking the participant for patience when they do not come. */
export async function loadBlock(trials, journal) {
  const files = trials.flatMap((trial) => trial.media);
  const onProgress = (done, total) => screens.showWaiting("loading", { done, total });
  for (;;) {
    try {
      return await preload(files, { onProgress, onTrouble: screens.showSlow });
    } catch (error) {
      journal.note("loading_failed", { message: String(error).slice(0, 100) });
      journal.send();
      await screens.askToTryAgain();
    }
  }
}

/**
 * Ask every trial in turn that no other tab has answered; each answer is kept before the next
 * picture is shown. When the lease is lost no more is asked: the page that comes next offers to
 * continue here.
 */
export async function runBlock(trials, { device, store, outbox, journal, lease }) {
  for (const trial of trials) {
    if (lease.aborted) return;
    const isAnswered = async () => Boolean(await outbox.given(trial.asking));
    if (await isAnswered()) continue;
    const shown = await countShowing(store, config.session, trial.asking);
    const answer = await askTrial(trial, { journal, reloads: shown, isAnswered, lease });
    if (answer) await outbox.put(trial.asking, { device, ...answer });
  }
}

/** How often this browser showed a trial before; null when its memory fails, as on a full disk. */
async function countShowing(store, session, trial) {
  try {
    const times = (await store.get("showings", trial))?.times ?? 0;
    await store.put("showings", { trial, session, times: times + 1 });
    return times;
  } catch {
    return null;
  }
}
