// Keys for a queue that works without them: every key presses a button that stands there.
(() => {
  const items = [...document.querySelectorAll("[data-queue] [data-item]")];
  const help = document.querySelector("[data-keys-help]");
  const button = document.querySelector("[data-keys-switch]");
  // A key without a modifier may be what a voice or a switch types: whoever is disturbed by it switches it off.
  let isOn = localStorage.getItem("queue-keys") !== "off";
  const say = () => { if (button) button.textContent = isOn ? button.dataset.on : button.dataset.off; };
  button?.addEventListener("click", () => {
    isOn = !isOn;
    localStorage.setItem("queue-keys", isOn ? "on" : "off");
    say();
  });
  say();
  const at = () => items.indexOf(document.activeElement?.closest("[data-item]"));
  const go = (place) => {
    const item = items[Math.max(0, Math.min(items.length - 1, place))];
    item?.focus();
    item?.scrollIntoView({block: "nearest"});
  };
  const press = (selector) => {
    const place = Math.max(0, at());
    const found = items[place]?.querySelector(selector);
    found?.click();
    // An answer that sends nothing yet leads to the next question.
    if (found?.type === "radio") go(place + 1);
  };
  const acts = {
    j: () => go(at() + 1),
    k: () => go(at() < 0 ? 0 : at() - 1),
    c: () => press("[data-confirm]"),
    x: () => {
      const item = items[at()] ?? items[0];
      const reason = item?.querySelector("[data-reason]");
      if (reason) reason.focus();
      else press("[data-refuse]");
    },
    o: () => press("[data-open]"),
    s: () => document.querySelector("[data-send]")?.click(),
    u: () => document.querySelector("[data-undo]")?.click(),
    "?": () => { if (help) help.open = !help.open; },
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input:not([type=radio]), select, textarea");
    if (isTyping && event.key === "Escape") items[at()]?.focus();
    if (!isOn || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  if (location.hash === "#next" && items.length) go(0);
})();
