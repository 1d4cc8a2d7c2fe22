/** The demo bar applies language and theme as soon as they are chosen. */
for (const form of document.querySelectorAll("[data-submit-on-change]")) {
  form.querySelector(".demo-apply").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}
for (const form of document.querySelectorAll(".demo-form[method=post]")) {
  form.addEventListener("submit", () => {
    // Creating a customer moves a test clock past a renewal, which takes a moment.
    form.querySelector("button").disabled = true;
    form.querySelector("button").textContent = "Creating…";
  });
}
