// Folds menus and filters on narrow screens; without it everything simply stays open.
(() => {
  const narrow = window.matchMedia("(max-width: 767px)");
  const fold = () => {
    for (const part of document.querySelectorAll("details[data-wide-open]")) part.open = !narrow.matches;
  };
  fold();
  narrow.addEventListener("change", fold);
})();
