/** Plan, card, payment: what any product's own page does with the provider's script. */
const plans = document.querySelector("#plans");
const card = document.querySelector("#card");
const failed = document.querySelector("#failed");
const pay = card.querySelector(".pay");

async function ask(step, fields) {
  const body = new URLSearchParams(fields);
  const answer = await fetch(`/api/subscribe/${step}`, { method: "POST", body });
  if (!answer.ok) throw new Error(`${step}: ${answer.status}`);
  return answer.json();
}

/** Runs one step; while it does, its buttons rest, and afterwards it may be tried again. */
async function step(buttons, run) {
  for (const button of buttons) button.disabled = true;
  failed.hidden = true;
  try {
    await run();
  } catch {
    failed.hidden = false;
    for (const button of buttons) button.disabled = false;
  }
}

plans.addEventListener("submit", (event) => {
  event.preventDefault();
  const chosen = event.submitter;
  void step(plans.querySelectorAll("button"), async () => {
    const { client_secret: clientSecret } = await ask("begin", { plan: chosen.value });
    chosen.setAttribute("aria-pressed", "true");
    mountCard(clientSecret);
  });
});

function mountCard(clientSecret) {
  const locale = document.documentElement.lang;
  const stripe = window.Stripe(document.querySelector("main").dataset.key, { locale });
  const elements = stripe.elements({ clientSecret });
  const element = elements.create("payment");
  element.on("ready", () => (pay.disabled = false));
  card.hidden = false;
  element.mount("#fields");
  // A card that is set up stays so: only what comes after it is tried again.
  let setup = null;
  card.addEventListener("submit", (event) => {
    event.preventDefault();
    void step([pay], async () => {
      setup ??= await setUp(stripe, elements);
      const { customer } = await ask("finish", { setup_intent: setup });
      const query = new URLSearchParams(location.search);
      query.set("customer", customer);
      location.assign(`/saas?${query}`);
    });
  });
}

async function setUp(stripe, elements) {
  const { error: incomplete } = await elements.submit();
  if (incomplete) throw new Error(incomplete.code);
  const confirmParams = { return_url: location.href };
  const done = await stripe.confirmSetup({ elements, confirmParams, redirect: "if_required" });
  if (done.error) throw new Error(done.error.code);
  return done.setupIntent.id;
}
