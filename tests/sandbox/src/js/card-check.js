// What can be said about a card before anybody is asked. Pure functions of texts.

const NUMBER_LENGTHS = { amex: [15], diners: [14, 16], unionpay: [16, 17, 18, 19] };

/** The card's brand by its first digits, `unknown` when they say nothing. */
export const brandOf = (digits) => {
  if (/^4/.test(digits)) return "visa";
  if (/^(5[1-5]|2[2-7])/.test(digits)) return "mastercard";
  if (/^3[47]/.test(digits)) return "amex";
  if (/^(6011|65|64[4-9])/.test(digits)) return "discover";
  if (/^3[0689]/.test(digits)) return "diners";
  if (/^35/.test(digits)) return "jcb";
  if (/^62/.test(digits)) return "unionpay";
  return "unknown";
};

/** Only the ASCII digits of a text; Arabic-Indic digits are read as the same numbers. */
export const digitsOf = (text) =>
  [...text]
    .map((letter) => {
      const code = letter.codePointAt(0);
      if (code >= 0x0660 && code <= 0x0669) return String(code - 0x0660);
      if (code >= 0x06f0 && code <= 0x06f9) return String(code - 0x06f0);
      if (code >= 0xff10 && code <= 0xff19) return String(code - 0xff10);
      return letter >= "0" && letter <= "9" ? letter : "";
    })
    .join("");

const luhn = (digits) => {
  let sum = 0;
  [...digits].reverse().forEach((digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
};

/** `4242 4242 4242 4242`, or 4-6-5 for American Express. */
export const groupNumber = (digits) => {
  const cut = digits.slice(0, 19);
  if (brandOf(cut) === "amex") {
    return [cut.slice(0, 4), cut.slice(4, 10), cut.slice(10, 15)].filter(Boolean).join(" ");
  }
  return (cut.match(/.{1,4}/g) || []).join(" ");
};

/** `12 / 34` while typing; a first digit above 1 can only be a month of one digit. */
export const groupExpiry = (digits) => {
  let cut = digits;
  if (cut.length >= 1 && Number(cut[0]) > 1) cut = `0${cut}`;
  cut = cut.slice(0, 6);
  if (cut.length <= 2) return cut;
  return `${cut.slice(0, 2)} / ${cut.slice(2)}`;
};

/** The code of what is wrong with a number, null when nothing is. */
export const checkNumber = (digits) => {
  const lengths = NUMBER_LENGTHS[brandOf(digits)] || [16];
  if (digits.length < Math.min(...lengths)) return "incomplete_number";
  return lengths.includes(digits.length) && luhn(digits) ? null : "invalid_number";
};

/** Month and year of an expiry as typed; `now` is a Date. */
export const readExpiry = (digits, now) => {
  if (digits.length !== 4 && digits.length !== 6) return { code: "incomplete_expiry" };
  const month = Number(digits.slice(0, 2));
  const typed = Number(digits.slice(2));
  const year = digits.length === 4 ? 2000 + typed : typed;
  if (month < 1 || month > 12) return { code: "invalid_expiry_month" };
  if (year < now.getFullYear()) return { code: "invalid_expiry_year_past" };
  if (year === now.getFullYear() && month < now.getMonth() + 1) {
    return { code: "invalid_expiry_month_past" };
  }
  if (year > now.getFullYear() + 50) return { code: "invalid_expiry_year" };
  return { code: null, month, year };
};

/** The code of what is wrong with a security code. */
export const checkCvc = (digits, brand) => {
  const length = brand === "amex" ? 4 : 3;
  return digits.length < length ? "incomplete_cvc" : null;
};
