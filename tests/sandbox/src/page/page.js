// Keeps the page up to date without moving what the reader looks at.
const REFRESH_MS = 1_500;
const live = document.getElementById("live");

const refresh = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch("/", { signal: AbortSignal.timeout(5_000) });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [old, fresh] = [document.getElementById("main"), next.getElementById("main")];
    if (fresh && old.innerHTML !== fresh.innerHTML) old.replaceWith(document.adoptNode(fresh));
    if (live.textContent !== "") live.textContent = "";
  } catch {
    live.textContent = "Not reachable at the moment.";
  }
};

const loop = async () => {
  await refresh();
  setTimeout(loop, REFRESH_MS);
};

setTimeout(loop, REFRESH_MS);
