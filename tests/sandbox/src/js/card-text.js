// The words of the card fields. `note` tells a person that this is not the real thing.
const en = {
  number: "Card number",
  expiry: "Expiration date",
  cvc: "Security code",
  name: "Name on card",
  expiryHint: "MM / YY",
  cvcHint: "CVC",
  note: "Test mode. No real card is charged.",
  incomplete_number: "Your card number is incomplete.",
  invalid_number: "Your card number is invalid.",
  incorrect_number: "Your card number is incorrect.",
  incomplete_expiry: "Your card's expiration date is incomplete.",
  invalid_expiry_month_past: "Your card's expiration date is in the past.",
  invalid_expiry_year_past: "Your card's expiration year is in the past.",
  invalid_expiry_month: "Your card's expiration month is invalid.",
  invalid_expiry_year: "Your card's expiration year is invalid.",
  incomplete_cvc: "Your card's security code is incomplete.",
  invalid_cvc: "Your card's security code is invalid.",
  incorrect_cvc: "Your card's security code is incorrect.",
  card_declined: "Your card was declined.",
  insufficient_funds: "Your card has insufficient funds. Try a different card.",
  expired_card: "Your card has expired.",
  processing_error: "An error occurred while processing your card. Try again in a little bit.",
};

const de = {
  number: "Kartennummer",
  expiry: "Ablaufdatum",
  cvc: "Sicherheitscode",
  name: "Name auf der Karte",
  expiryHint: "MM / JJ",
  cvcHint: "CVC",
  note: "Testmodus. Es wird keine echte Karte belastet.",
  incomplete_number: "Die Kartennummer ist unvollständig.",
  invalid_number: "Die Kartennummer ist ungültig.",
  incorrect_number: "Die Kartennummer ist nicht richtig.",
  incomplete_expiry: "Das Ablaufdatum ist unvollständig.",
  invalid_expiry_month_past: "Das Ablaufdatum liegt in der Vergangenheit.",
  invalid_expiry_year_past: "Das Ablaufjahr liegt in der Vergangenheit.",
  invalid_expiry_month: "Der Ablaufmonat ist ungültig.",
  invalid_expiry_year: "Das Ablaufjahr ist ungültig.",
  incomplete_cvc: "Der Sicherheitscode ist unvollständig.",
  invalid_cvc: "Der Sicherheitscode ist ungültig.",
  incorrect_cvc: "Der Sicherheitscode ist nicht richtig.",
  card_declined: "Ihre Karte wurde abgelehnt.",
  insufficient_funds: "Das Guthaben reicht nicht aus. Bitte versuchen Sie eine andere Karte.",
  expired_card: "Ihre Karte ist abgelaufen.",
  processing_error: "Beim Prüfen der Karte ist ein Fehler aufgetreten. Bitte gleich noch einmal.",
};

const ar = {
  number: "رقم البطاقة",
  expiry: "تاريخ انتهاء الصلاحية",
  cvc: "رمز الأمان",
  name: "الاسم على البطاقة",
  expiryHint: "شهر / سنة",
  cvcHint: "CVC",
  note: "وضع الاختبار. لن يتم الخصم من أي بطاقة حقيقية.",
  incomplete_number: "رقم البطاقة غير مكتمل.",
  invalid_number: "رقم البطاقة غير صالح.",
  incorrect_number: "رقم البطاقة غير صحيح.",
  incomplete_expiry: "تاريخ انتهاء الصلاحية غير مكتمل.",
  invalid_expiry_month_past: "تاريخ انتهاء الصلاحية في الماضي.",
  invalid_expiry_year_past: "سنة انتهاء الصلاحية في الماضي.",
  invalid_expiry_month: "شهر انتهاء الصلاحية غير صالح.",
  invalid_expiry_year: "سنة انتهاء الصلاحية غير صالحة.",
  incomplete_cvc: "رمز الأمان غير مكتمل.",
  invalid_cvc: "رمز الأمان غير صالح.",
  incorrect_cvc: "رمز الأمان غير صحيح.",
  card_declined: "تم رفض بطاقتك.",
  insufficient_funds: "الرصيد في بطاقتك غير كافٍ. جرّب بطاقة أخرى.",
  expired_card: "انتهت صلاحية بطاقتك.",
  processing_error: "حدث خطأ أثناء معالجة بطاقتك. حاول مرة أخرى بعد قليل.",
};

const ja = {
  number: "カード番号",
  expiry: "有効期限",
  cvc: "セキュリティコード",
  name: "カード名義人",
  expiryHint: "月 / 年",
  cvcHint: "CVC",
  note: "テストモードです。実際のカードには請求されません。",
  incomplete_number: "カード番号が不完全です。",
  invalid_number: "カード番号が無効です。",
  incorrect_number: "カード番号が正しくありません。",
  incomplete_expiry: "有効期限が不完全です。",
  invalid_expiry_month_past: "カードの有効期限が過ぎています。",
  invalid_expiry_year_past: "カードの有効期限の年が過去です。",
  invalid_expiry_month: "有効期限の月が無効です。",
  invalid_expiry_year: "有効期限の年が無効です。",
  incomplete_cvc: "セキュリティコードが不完全です。",
  invalid_cvc: "セキュリティコードが無効です。",
  incorrect_cvc: "セキュリティコードが正しくありません。",
  card_declined: "カードが拒否されました。",
  insufficient_funds: "カードの残高が不足しています。別のカードをお試しください。",
  expired_card: "カードの有効期限が切れています。",
  processing_error: "カードの処理中にエラーが発生しました。しばらくしてからお試しください。",
};

const languages = { en, de, ar, ja };

/** The texts for a locale such as `de-AT` or `auto`, with their language and direction. */
export const textsFor = (locale) => {
  const wanted = !locale || locale === "auto" ? navigator.language : locale;
  const language = String(wanted).toLowerCase().split("-")[0];
  const known = language in languages ? language : "en";
  return { language: known, dir: known === "ar" ? "rtl" : "ltr", texts: languages[known] };
};
