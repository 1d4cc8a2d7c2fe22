// The bank's page: asks whether this is really the customer, and tells the answer to the API. It
// stands in a frame over the merchant's page, or alone, when the customer was sent to the bank.
import { textsFor } from "./card-text.js";

const CHANNEL = "reprieve-sandbox-card";
const REQUEST_TIMEOUT_MS = 60_000;
const words = {
  en: {
    title: "Test bank",
    text: "Your bank wants to know that it is you. This is a test: choose how it ends.",
    complete: "Complete",
    fail: "Fail",
    problem: "The bank could not be reached. Please try again.",
    close: "Close",
    over: "There is nothing to confirm here any more.",
  },
  de: {
    title: "Testbank",
    text: "Ihre Bank möchte wissen, ob Sie es sind. Dies ist ein Test: Wählen Sie das Ende.",
    complete: "Bestätigen",
    fail: "Ablehnen",
    problem: "Die Bank war nicht erreichbar. Bitte versuchen Sie es noch einmal.",
    close: "Schließen",
    over: "Hier ist nichts mehr zu bestätigen.",
  },
  ar: {
    title: "بنك تجريبي",
    text: "يريد البنك التأكد من هويتك. هذا اختبار: اختر كيف ينتهي.",
    complete: "تأكيد",
    fail: "رفض",
    problem: "تعذر الوصول إلى البنك. حاول مرة أخرى.",
    close: "إغلاق",
    over: "لا يوجد ما يمكن تأكيده هنا.",
  },
  ja: {
    title: "テスト銀行",
    text: "銀行が本人確認を求めています。これはテストです。結果を選んでください。",
    complete: "承認する",
    fail: "拒否する",
    problem: "銀行に接続できませんでした。もう一度お試しください。",
    close: "閉じる",
    over: "ここで承認するものはもうありません。",
  },
};
const api = document.querySelector('meta[name="reprieve-api"]').content;
const query = new URLSearchParams(location.search);
const alone = location.pathname.startsWith("/redirect/");
const parentOrigin = query.get("parent") || "";
const part = (id) => document.getElementById(id);
const buttons = { complete: part("complete"), fail: part("fail"), close: part("close") };
let settings = null;
let texts = words.en;
// Where a customer who was sent here goes back to; known from the intent, not from the address.
let returnUrl = "";

const idOf = (secret) => secret.slice(0, secret.indexOf("_secret_"));
const nameOf = (secret) => (secret.startsWith("seti_") ? "setup_intent" : "payment_intent");

const post = (kind) => {
  window.parent.postMessage({ channel: CHANNEL, kind }, parentOrigin);
};

const setBusy = (on) => {
  for (const button of Object.values(buttons)) button.disabled = on;
};

const intent = async () => {
  const secret = settings.clientSecret;
  const address = new URL(`/v1/${nameOf(secret)}s/${idOf(secret)}`, api);
  address.search = new URLSearchParams({ key: settings.key, client_secret: secret }).toString();
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  return (await fetch(address, { signal })).json();
};

const leave = async () => {
  const secret = settings.clientSecret;
  const { status } = await intent();
  const address = new URL(returnUrl);
  address.searchParams.set(nameOf(secret), idOf(secret));
  address.searchParams.set(`${nameOf(secret)}_client_secret`, secret);
  address.searchParams.set("source_type", "card");
  address.searchParams.set("redirect_status", status === "succeeded" ? "succeeded" : "failed");
  location.replace(address.href);
};

const answer = async (outcome) => {
  if (!settings || buttons.complete.disabled) return;
  setBusy(true);
  part("problem").textContent = "";
  const secret = settings.clientSecret;
  const body = new URLSearchParams({
    key: settings.key,
    client_secret: secret,
    source: idOf(secret),
    outcome,
  });
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    await fetch(new URL("/v1/3ds2/authenticate", api), { method: "POST", body, signal });
    // An error is told by the intent, which the page reads next.
    if (alone) await leave();
    else post("done");
  } catch {
    part("problem").textContent = texts.problem;
    setBusy(false);
  }
};

const start = (next) => {
  settings = next;
  const { language, dir } = textsFor(next.locale);
  texts = words[language];
  document.documentElement.lang = language;
  document.documentElement.dir = dir;
  for (const id of ["title", "text", "complete", "fail"]) part(id).textContent = texts[id];
  buttons.close.setAttribute("aria-label", texts.close);
  buttons.close.hidden = alone;
  // Whoever presses before there is a question presses nothing.
  setBusy(alone);
  buttons.complete.focus();
};

const startAlone = async () => {
  setBusy(true);
  const secret = query.get("client_secret") || "";
  start({ key: "pk_test_bank", clientSecret: secret, locale: "auto" });
  try {
    const waiting = (await intent()).next_action;
    returnUrl = waiting?.redirect_to_url?.return_url || "";
    if (returnUrl) setBusy(false);
    else part("problem").textContent = texts.over;
  } catch {
    part("problem").textContent = texts.problem;
  }
};

window.addEventListener("message", (event) => {
  const known = !alone && event.source === window.parent && event.origin === parentOrigin;
  if (known && event.data?.channel === CHANNEL && event.data.kind === "init") {
    start(event.data.settings);
  }
});
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !alone) post("closed");
});
buttons.complete.addEventListener("click", () => answer("succeeded"));
buttons.fail.addEventListener("click", () => answer("failed"));
buttons.close.addEventListener("click", () => post("closed"));
if (alone) startAlone();
else post("hello");
