// The hosted page of a billing portal session: shows card fields, and makes the new card the
// customer's default.
const REQUEST_TIMEOUT_MS = 60_000;
const KEY = "pk_test_portal";
const api = document.querySelector('meta[name="reprieve-api"]').content;
const [session, secret] = location.pathname.split("/").pop().split(".");
const part = (id) => document.getElementById(id);
const form = document.querySelector("form");

const ask = async (what) => {
  const body = new URLSearchParams({ key: KEY, client_secret: secret || "" });
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const path = `/v1/billing_portal/sessions/${encodeURIComponent(session)}/${what}`;
  const answer = await fetch(new URL(path, api), { method: "POST", body, signal });
  if (!answer.ok) throw new Error("This link is no longer valid.");
  return answer.json();
};

const offerBack = (address) => {
  if (!address) return;
  part("back").href = address;
  part("back").hidden = false;
};

const save = async (stripe, elements) => {
  part("save").disabled = true;
  part("problem").textContent = "";
  const { error } = await stripe.confirmSetup({ elements, redirect: "if_required" });
  if (error) {
    part("problem").textContent = error.message;
    part("save").disabled = false;
    return;
  }
  const done = await ask("complete");
  if (done.next) {
    location.assign(done.next);
    return;
  }
  form.hidden = true;
  part("message").textContent = done.message || "Your card was saved.";
};

const fail = (error) => {
  part("problem").textContent = "";
  part("message").textContent = error.message;
};

const start = async () => {
  const opened = await ask("open");
  offerBack(opened.return_url);
  const { card } = opened;
  part("current").textContent = card ? `Now: ${card.brand} ending in ${card.last4}.` : "";
  const stripe = window.Stripe(KEY);
  const elements = stripe.elements({ clientSecret: opened.setup_intent });
  const element = elements.create("payment");
  form.hidden = false;
  element.on("ready", () => document.querySelector("main").removeAttribute("aria-busy"));
  element.mount("#card");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(stripe, elements).catch(fail);
  });
};

start().catch(fail);
