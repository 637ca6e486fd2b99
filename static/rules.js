// Runs a rule's examples while it is typed; without it a button does.
(() => {
  const form = document.querySelector("[data-check]");
  const found = document.getElementById("check");
  if (!form || !found) return;
  let waiting, going, asked = 0;
  // The examples at once; once nobody types, also what takes longer: proofs, and words that other rules share.
  const ask = async (whole) => {
    const mine = ++asked;
    going?.abort();
    going = new AbortController();
    const typed = new FormData(form);
    typed.set("whole", whole);
    try {
      const answer = await fetch(form.dataset.check, {
        method: "POST", body: typed, headers: {"X-Fragment": "1"}, credentials: "same-origin", signal: going.signal,
      });
      // What was typed meanwhile asks for itself.
      if (!answer.ok || mine !== asked) return;
      found.innerHTML = await answer.text();
      if (!whole) waiting = setTimeout(ask, 1500, true);
    } catch { /* The button and the save check it again. */ }
  };
  form.addEventListener("input", (event) => {
    if (!["text", "rule"].includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400, false);
  });
  // What was typed, or put back by the browser, before this script ran.
  const text = form.elements.text;
  if (text && text.value !== text.defaultValue) ask();
})();
