// Runs before the page is painted: hides the plain trial until the player has taken it over, so
// that no picture is seen before its clock can start. When no player comes, the plain page is
// shown and works by itself.
(() => {
  const root = document.documentElement;
  const showPlainPage = () => {
    if (root.dataset.player === "awaited") root.dataset.player = "absent";
  };
  root.dataset.player = "awaited";
  setTimeout(showPlainPage, 10000);
  addEventListener("error", (event) => event.target.tagName === "SCRIPT" && showPlainPage(), true);
})();
