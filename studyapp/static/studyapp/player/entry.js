// The page of consent: says at once what the window or the device lacks, and tells the server both.
const ask = document.getElementById("unsuitable").dataset;
const form = document.getElementById("consent");
const finePointer = matchMedia("(any-pointer: fine)");

function look() {
  const isTouch = !finePointer.matches;
  form.elements.width.value = innerWidth;
  form.elements.touch.value = isTouch ? "yes" : "no";
  const unmet = {
    width: innerWidth < Number(ask.minimumWidth),
    touch: isTouch && ask.touchAllowed === "no",
  };
  for (const section of document.querySelectorAll("[data-unmet]")) {
    section.hidden = !unmet[section.dataset.unmet];
  }
  form.hidden = unmet.width || unmet.touch;
}

addEventListener("resize", look);
finePointer.addEventListener("change", look);
look();
