// What can be given besides a typed card: a wallet, a bank account, the customer's bank itself.
// What is offered follows from the set-up's types, as in the real element.
const KNOWN = ["card", "sepa_debit", "ideal", "bancontact"];
const WALLET = "google_pay";
const TOKEN = "tok_sandbox_google_pay";

// In the order in which they are shown. A wallet hands over a card, so it comes with cards.
export const kindsOf = (types) => {
  const kinds = types.filter((type) => KNOWN.includes(type));
  if (kinds.length > 1 && kinds.includes("card")) kinds.splice(1, 0, WALLET);
  return kinds;
};

// Methods that lead to the bank's own page need the way back.
export const leadsAway = (kind) => kind === "ideal" || kind === "bancontact";

const isIban = (iban) => {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false;
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
};

export const ibanOf = (typed) => typed.replace(/\s/g, "").toUpperCase();

// What is wrong with the fields of a bank account, by field.
export const accountProblems = ({ iban, holder, email }) => ({
  iban: iban.value === "" ? "incomplete_iban" : isIban(ibanOf(iban.value)) ? null : "invalid_iban",
  holder: holder.value.trim() === "" ? "incomplete_name" : null,
  email: /^\S+@\S+$/.test(email.value.trim()) ? null : "incomplete_email",
});

// The form fields that describe the method to the API.
export const pairsOf = (kind, inputs) => {
  const data = "payment_method_data";
  if (kind === WALLET) {
    return [
      [`${data}[type]`, "card"],
      [`${data}[card][token]`, TOKEN],
    ];
  }
  if (kind !== "sepa_debit") return [[`${data}[type]`, kind]];
  return [
    [`${data}[type]`, kind],
    [`${data}[sepa_debit][iban]`, ibanOf(inputs.iban.value)],
    [`${data}[billing_details][name]`, inputs.holder.value.trim()],
    [`${data}[billing_details][email]`, inputs.email.value.trim()],
  ];
};

// Shows the choice, if there is one; `choose` hears of every change.
export const showKinds = (kinds, texts, choose) => {
  const set = document.querySelector(".Kinds");
  set.hidden = kinds.length < 2;
  set.querySelector("legend").textContent = texts.kinds;
  const list = set.querySelector("div");
  list.replaceChildren();
  for (const kind of kinds) {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "kind", value: kind, checked: kind === kinds[0] });
    radio.addEventListener("change", () => choose(kind));
    label.append(radio, texts[`kind_${kind}`]);
    list.append(label);
  }
};
