// Folds menus and filters on narrow screens, and looks again while long work runs; without it everything simply stays
// open and a link looks again.
(() => {
  const narrow = window.matchMedia("(max-width: 767px)");
  const fold = () => {
    for (const part of document.querySelectorAll("details[data-wide-open]")) part.open = !narrow.matches;
  };
  fold();
  narrow.addEventListener("change", fold);
  // A head of the menu closes as any menu does; without this it closes by its own button.
  const heads = document.querySelectorAll(".nav-group");
  document.addEventListener("click", (event) => {
    for (const head of heads) if (head.open && !head.contains(event.target)) head.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const head of heads) {
      if (!head.open) continue;
      head.open = false;
      head.querySelector("summary").focus();
    }
  });
  for (const head of heads) {
    head.addEventListener("focusout", (event) => {
      if (!narrow.matches && event.relatedTarget && !head.contains(event.relatedTarget)) head.open = false;
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
  // What is wrong comes first for whoever does not see the page.
  document.querySelector(".problem-summary a")?.focus();
  const running = document.querySelector("[data-look-again]");
  // Never under a reader's hands: only while the page is shown and nothing in it has the focus.
  const look = () => {
    const idle = document.activeElement === document.body || document.activeElement === null;
    if (document.visibilityState === "visible" && idle) location.reload();
    else setTimeout(look, 3000);
  };
  if (running) setTimeout(look, 3000);
})();
