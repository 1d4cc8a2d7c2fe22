/**
 * Fernly's own page script. It shows how a product follows the widget: the plan card repeats what
 * the widget reported, and paid features rest while access is restricted.
 */
const ENDED = new Set(["restricted", "ended"]);

function showPlan(access) {
  const shown = ENDED.has(access) ? "restricted" : access;
  for (const line of document.querySelectorAll("[data-plan]")) {
    line.hidden = line.dataset.plan !== shown;
  }
  for (const control of document.querySelectorAll("[data-needs-access]")) {
    control.disabled = shown === "restricted";
  }
}

document.addEventListener("reprieve:status", (event) => showPlan(event.detail.access));
