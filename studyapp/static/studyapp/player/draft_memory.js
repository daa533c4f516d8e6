// The one place where drafts are kept: a draft a session. A browser that refuses keeps none.
const name = (session) => `larus-draft ${session}`;

function remembering(act) {
  try {
    return act(localStorage);
  } catch {
    return null;
  }
}

export function readDraft(session) {
  return remembering((memory) => JSON.parse(memory.getItem(name(session))));
}

export function keepDraft(session, draft) {
  remembering((memory) => memory.setItem(name(session), JSON.stringify(draft)));
}

export function forgetDraft(session) {
  remembering((memory) => memory.removeItem(name(session)));
}
