// The player: takes over the page of a trial and runs its block to the end. The server decides
// what comes after; this page only asks for it again.
import { getBlock, loadBlock, runBlock } from "./block.js";
import { config } from "./config.js";
import { deviceOf } from "./device.js";
import { countFailure, failures, forgetFailures } from "./failures.js";
import { servePlainForm } from "./fallback.js";
import { Journal } from "./journal.js";
import { watchLease } from "./lease.js";
import { Outbox } from "./outbox.js";
import { watchRefresh } from "./refresh.js";
import { insist } from "./retry.js";
import * as screens from "./screens.js";
import { ask, reach } from "./server.js";
import { openStore } from "./store.js";

// A failure may pass when the page is loaded again; one that lasts must not do so for ever.
const MOST_FAILURES = 2;

const root = document.documentElement;
const reveal = () => {
  root.dataset.player = "here";
};

/** Go to the page that is due, once there is a server to send it. */
async function leave() {
  await insist(() => reach(config.run), () => screens.notice("offline"));
  location.assign(config.run);
}

async function start() {
  watchRefresh();
  addEventListener("pageshow", (event) => event.persisted && leave());
  const store = await openStore();
  const device = store && (await deviceOf(store).catch(() => null));
  if (root.dataset.player === "absent") return;
  if (!device || failures() >= MOST_FAILURES) {
    await servePlainForm(reveal);
    return;
  }
  // What can't be mended here, such as a memory that is taken away, begins anew.
  await play(store, device).catch(() => {
    countFailure();
    return leave();
  });
}

async function play(store, device) {
  const journal = new Journal(store, config.events, config.session);
  await journal.open();
  screens.attachHelp(() => journal.note("help_opened"));
  let lease = new AbortController();
  const outbox = new Outbox(store, config.responses, config.session, {
    trouble: () => screens.notice("offline"),
    relief: () => screens.notice(""),
    elsewhere: () => lease.abort(),
    over: leave,
  });
  screens.showWaiting("moment");
  reveal();
  await outbox.open();
  await outbox.drained();
  // Whether the session is held here is what the block says, not what an old answer was told.
  lease = new AbortController();
  journal.hold(lease, device);
  let trials = await getBlock(device);
  if (await outbox.resend(trials.map((trial) => trial.asking))) trials = await getBlock(device);
  watchLease(lease, device);
  await loadBlock(trials, journal);
  await runBlock(trials, { device, store, outbox, journal, lease: lease.signal });
  await finish(device, outbox, journal);
}

/** Leave when the server has counted what this browser answered. */
async function finish(device, outbox, journal) {
  screens.showWaiting("sending");
  await outbox.drained();
  const address = `${config.state}?device=${device}`;
  const { said } = await insist(() => ask(address), () => screens.notice("offline"));
  await outbox.resend(said.unanswered ?? []);
  await journal.send();
  forgetFailures();
  leave();
}

start();
