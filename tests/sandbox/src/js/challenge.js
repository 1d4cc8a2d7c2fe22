// The bank's page: asks whether this is really the customer, and tells the answer to the API.
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
  },
  de: {
    title: "Testbank",
    text: "Ihre Bank möchte wissen, ob Sie es sind. Dies ist ein Test: Wählen Sie das Ende.",
    complete: "Bestätigen",
    fail: "Ablehnen",
    problem: "Die Bank war nicht erreichbar. Bitte versuchen Sie es noch einmal.",
  },
  ar: {
    title: "بنك تجريبي",
    text: "يريد البنك التأكد من هويتك. هذا اختبار: اختر كيف ينتهي.",
    complete: "تأكيد",
    fail: "رفض",
    problem: "تعذر الوصول إلى البنك. حاول مرة أخرى.",
  },
  ja: {
    title: "テスト銀行",
    text: "銀行が本人確認を求めています。これはテストです。結果を選んでください。",
    complete: "承認する",
    fail: "拒否する",
    problem: "銀行に接続できませんでした。もう一度お試しください。",
  },
};
const api = document.querySelector('meta[name="reprieve-api"]').content;
const parentOrigin = new URLSearchParams(location.search).get("parent") || "";
const part = (id) => document.getElementById(id);
const buttons = { complete: part("complete"), fail: part("fail") };
let settings = null;
let texts = words.en;

const post = (kind) => {
  window.parent.postMessage({ channel: CHANNEL, kind }, parentOrigin);
};

const setBusy = (on) => {
  for (const button of Object.values(buttons)) button.disabled = on;
};

const answer = async (outcome) => {
  if (!settings || buttons.complete.disabled) return;
  setBusy(true);
  part("problem").textContent = "";
  const secret = settings.clientSecret;
  const body = new URLSearchParams({
    key: settings.key,
    client_secret: secret,
    source: secret.slice(0, secret.indexOf("_secret_")),
    outcome,
  });
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    await fetch(new URL("/v1/3ds2/authenticate", api), { method: "POST", body, signal });
    // An error is told by the intent, which the page reads next.
    post("done");
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
  buttons.complete.focus();
};

window.addEventListener("message", (event) => {
  const known = event.source === window.parent && event.origin === parentOrigin;
  if (known && event.data?.channel === CHANNEL && event.data.kind === "init") {
    start(event.data.settings);
  }
});
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape") answer("failed");
});
buttons.complete.addEventListener("click", () => answer("succeeded"));
buttons.fail.addEventListener("click", () => answer("failed"));
post("hello");
