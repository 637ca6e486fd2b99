// Runs a rule's examples while it is typed; without it a button does.
(() => {
  const form = document.querySelector("[data-check]");
  const found = document.getElementById("check");
  if (!form || !found) return;
  let waiting, asked = 0;
  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.check, {
        method: "POST", body: new FormData(form), headers: {"X-Fragment": "1"}, credentials: "same-origin",
      });
      // What was typed meanwhile asks for itself.
      if (answer.ok && mine === asked) found.innerHTML = await answer.text();
    } catch { /* The button and the save check it again. */ }
  };
  form.addEventListener("input", (event) => {
    if (event.target.name !== "text") return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 500);
  });
  // What was typed, or put back by the browser, before this script ran.
  const text = form.elements.text;
  if (text && text.value !== text.defaultValue) ask();
})();
