// Runs before the first paint, so that a light page never flashes dark; state/theme.svelte.ts writes the key.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("revenge.theme");
  } catch (blocked) {
    // A browser that forbids storage gets the default.
  }
  var isLight = choice === "light" || (choice === "system" && matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = isLight ? "light" : "dark";
})();
