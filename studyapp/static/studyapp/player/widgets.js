// Widgets let a participant act on an explanation. A widget is one file in `widgets/`, named by
// `data-widget` of the element it serves, that exports
//   attach(root, emit, now)   make the element live; emit(kind, data) tells what the participant
//                             did, now() milliseconds since the onset, or null; returns a function
//                             that takes everything back.
const NAME = /^[a-z_]+$/;

function modules(root) {
  return [...root.querySelectorAll("[data-widget]")]
    .filter((element) => NAME.test(element.dataset.widget))
    .map((element) => ({ element, module: import(`./widgets/${element.dataset.widget}.js`) }));
}

/** Make every widget below an element live; return a function that takes them back. */
export async function attachWidgets(root, emit, now) {
  const detachers = [];
  for (const { element, module } of modules(root)) {
    detachers.push((await module).attach(element, emit, now));
  }
  return () => detachers.forEach((detach) => detach());
}
