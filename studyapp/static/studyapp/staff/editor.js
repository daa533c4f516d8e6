// The editor of a protocol: line numbers, and a way from each finding to its line.

const text = document.getElementById("text");
const numbers = document.getElementById("numbers");
const saved = text.defaultValue;
let isSaving = false;

function number() {
  const lines = text.value.split("\n").length;
  numbers.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
  follow();
}

function follow() {
  numbers.scrollTop = text.scrollTop;
}

function show(line) {
  const before = text.value.split("\n").slice(0, line - 1);
  const start = before.reduce((length, one) => length + one.length + 1, 0);
  const end = text.value.indexOf("\n", start);
  const lineHeight = parseFloat(getComputedStyle(text).lineHeight);
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, end < 0 ? text.value.length : end);
  text.scrollTop = Math.max(0, (line - 4) * lineHeight);
  text.scrollIntoView({ block: "nearest" });
}

text.addEventListener("input", number);
text.addEventListener("scroll", follow);
text.form.addEventListener("submit", () => { isSaving = true; });
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  show(Number(link.dataset.line));
});
// What is not saved is not lost by a click on a link.
window.addEventListener("beforeunload", (event) => {
  if (!isSaving && text.value !== saved) event.preventDefault();
});
numbers.hidden = false;
number();
if (/^#line-\d+$/.test(location.hash)) show(Number(location.hash.slice(6)));
