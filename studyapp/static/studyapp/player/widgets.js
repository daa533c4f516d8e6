// Widgets let a participant act on an explanation. A widget is one file in `widgets/`, named by
// `data-widget` of the element it serves, that exports
//   attach(root, emit)   make the element live; emit(kind, data) tells what the participant did;
//                        returns a function that takes everything back.
const NAME = /^[a-z_]+$/;

function modules(root) {
  return [...root.querySelectorAll("[data-widget]")]
    .filter((element) => NAME.test(element.dataset.widget))
    .map((element) => ({ element, module: import(`./widgets/${element.dataset.widget}.js`) }));
}

/** Make every widget below an element live; return a function that takes them back. */
export async function attachWidgets(root, emit) {
  const detachers = [];
  for (const { element, module } of modules(root)) {
    detachers.push((await module).attach(element, emit));
  }
  return () => detachers.forEach((detach) => detach());
}
