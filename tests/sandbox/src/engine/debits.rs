//! Direct debits (SEPA): the bank is asked, and answers days later. And the methods that are good
//! for one payment and leave a direct debit behind for the later ones: iDEAL and Bancontact
//! (<https://docs.stripe.com/payments/sepa-debit>, <https://docs.stripe.com/payments/ideal>, read
//! November 2026).

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::context::Ctx;
use crate::engine::charging::{self, Charged};
use crate::engine::collection;
use crate::engine::orders::{self, Moment, Ordered};
use crate::engine::refusal::Refusal;
use crate::engine::timers::{self, Timer};
use crate::engine::{invoicing, standing};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape::{debit, payment};
use crate::store::{Place, Record};

/// A debit's word in `type`.
pub(crate) const DEBIT: &str = "sepa_debit";
/// Methods that lead to the bank's own page and are used up by one payment.
pub(crate) const ONCE: [&str; 2] = ["ideal", "bancontact"];
/// The account behind every iDEAL and Bancontact of this sandbox.
const ACCOUNT: &str = "DE89370400440532013000";

/// The documented test accounts
/// (<https://docs.stripe.com/payments/sepa-debit/accept-a-payment>, "Test IBANs", read November
/// 2026) and whether the bank pays in the end.
const ACCOUNTS: [(&str, bool); 4] = [
    (ACCOUNT, true),
    ("DE62370400440532013001", false),
    ("AT611904300234573201", true),
    ("AT861904300235473202", false),
];

/// How long the bank takes, on the customer's clock: Stripe says five business days typically.
const TAKES_S: i64 = 5 * 86_400;

/// Whether the bank of this method takes days.
pub(crate) fn is_debit(method: &Record) -> bool {
    method.body.text("type") == DEBIT
}

/// Whether the customer has to go to the bank's own page first.
pub(crate) fn leads_away(method: &Record) -> bool {
    ONCE.contains(&method.body.text("type"))
}

/// The IBAN without its spaces, if its check digits are right and it is one of the test accounts.
pub(crate) fn check_iban(typed: &str) -> Result<String, ApiError> {
    let iban: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let iban = iban.to_ascii_uppercase();
    let invalid = |message: &str| {
        ApiError::invalid(message).with("code", "invalid_bank_account_iban").with("param", "iban")
    };
    if !is_iban(&iban) {
        return Err(invalid("The IBAN you entered is invalid."));
    }
    if !ACCOUNTS.iter().any(|(known, _)| *known == iban) {
        return Err(invalid("The sandbox takes the documented test accounts only."));
    }
    Ok(iban)
}

/// ISO 13616: the first four characters go to the end, letters become numbers, and the whole leaves
/// 1 when divided by 97.
fn is_iban(iban: &str) -> bool {
    if !(15..=34).contains(&iban.len()) || !iban.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let (head, tail) = iban.split_at(4);
    let rest = tail.chars().chain(head.chars()).try_fold(0_u32, |rest, letter| {
        let value = letter.to_digit(36)?;
        let shift = if value < 10 { 10 } else { 100 };
        Some((rest * shift + value) % 97)
    });
    rest == Some(1)
}

/// Makes a direct debit of an account that was checked. `from`: the attempt that it came out of.
pub(crate) fn create(
    ctx: &mut Ctx<'_>,
    iban: &str,
    from: Option<&str>,
) -> Result<Record, ApiError> {
    let id = ctx.id(Kind::PaymentMethod);
    let account = debit::Account { iban, fingerprint: &fingerprint(iban), from };
    let body = debit::payment_method(&id, ctx.wall_s(), &account);
    let pays = ACCOUNTS.iter().any(|(known, pays)| *known == iban && *pays);
    let private = json!({"pays": pays});
    ctx.store.insert(Kind::PaymentMethod, Place::default(), &body, &private)?;
    Ok(Record { body, private })
}

/// Makes a method that is good for one payment.
pub(crate) fn create_once(ctx: &mut Ctx<'_>, kind: &str) -> Result<Record, ApiError> {
    let id = ctx.id(Kind::PaymentMethod);
    let body = debit::payment_method_once(&id, ctx.wall_s(), kind);
    ctx.store.insert(Kind::PaymentMethod, Place::default(), &body, &json!({}))?;
    Ok(Record { body, private: json!({}) })
}

/// The direct debit that an iDEAL or Bancontact leaves behind.
pub(crate) fn leave_behind(ctx: &mut Ctx<'_>, attempt: &str) -> Result<Record, ApiError> {
    create(ctx, ACCOUNT, Some(attempt))
}

fn fingerprint(iban: &str) -> String {
    let digest = Sha256::digest(format!("reprieve-sandbox account {iban}"));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Sends the debit to the bank; the answer comes days later.
pub(crate) fn begin(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
    invoice: &str,
) -> Result<Charged, ApiError> {
    let id = ctx.id(Kind::Charge);
    let attempt = payment::Attempt { intent: &intent.body, method: &method.body, refusal: None };
    let mut body = payment::charge(&id, ctx.wall_s(), &attempt);
    for (field, value) in [
        ("status", json!("pending")),
        ("paid", json!(false)),
        ("captured", json!(true)),
        ("outcome/network_status", json!("approved_by_network")),
    ] {
        body.set(field, value);
    }
    let private = json!({
        "invoice": invoice,
        "idempotency_key": ctx.origin.idempotency_key,
        "request": ctx.origin.request,
        "decline": null,
    });
    let place =
        Place { customer: body.at("customer").as_str(), parent: Some(intent.body.text("id")) };
    ctx.store.insert(Kind::Charge, place, &body, &private)?;
    intent.body.set("status", "processing");
    intent.body.set("latest_charge", id);
    intent.body.set("payment_method", method.body.text("id"));
    intent.body.set("last_payment_error", Value::Null);
    ctx.store.put(intent)?;
    ctx.emit("charge.pending", &body);
    ctx.emit("payment_intent.processing", &intent.body);
    let clock = ctx.store.get(Kind::Invoice, invoice)?.body.text("test_clock").to_owned();
    let due_s = ctx.clock_s(Some(&clock))?.saturating_add(TAKES_S);
    timers::set(ctx, Timer::Settle, intent.body.text("id"), &clock, due_s)?;
    Ok(Charged::Processing)
}

/// The bank answers about a debit that is on its way: as it was ordered, or else as the account
/// does. Any other payment stays as it is.
pub(crate) fn settle(ctx: &mut Ctx<'_>, intent_id: &str) -> Result<(), ApiError> {
    let Some(mut intent) = ctx.store.find(Kind::PaymentIntent, intent_id)? else {
        return Ok(());
    };
    if intent.body.text("status") != "processing" {
        return Ok(());
    }
    timers::clear(ctx, Timer::Settle, intent_id)?;
    let mut charge = ctx.store.get(Kind::Charge, intent.body.text("latest_charge"))?;
    let method = ctx.store.get(Kind::PaymentMethod, intent.body.text("payment_method"))?;
    let invoice_id = charge.private.text("invoice").to_owned();
    let mut invoice = ctx.store.get(Kind::Invoice, &invoice_id)?;
    let now_s = ctx.clock_s(invoice.body.at("test_clock").as_str())?;
    let customer = intent.body.text("customer").to_owned();
    let refusal = match orders::take(ctx, Moment::Charge, &customer, &method, false)? {
        Some(Ordered::Approve) => None,
        Some(Ordered::Refuse(refusal)) => Some(refusal),
        None => (!method.private.flag("pays")).then(no_cover),
    };
    let Some(refusal) = refusal else {
        charge.body.set("status", "succeeded");
        charge.body.set("paid", true);
        ctx.store.put(&charge)?;
        charging::book(ctx, &invoice_id, charge.body.text("id"))?;
        charging::succeed(ctx, &mut intent, &method, &charge.body)?;
        invoicing::mark_paid(ctx, &mut invoice, now_s)?;
        return standing::settled(ctx, &invoice.body);
    };
    charge.body.set("status", "failed");
    charge.body.set("failure_code", refusal.code.clone());
    charge.body.set("failure_message", refusal.message.clone());
    charge.private.set("decline", refusal.reason.clone());
    ctx.store.put(&charge)?;
    charging::fail(ctx, &mut intent, &method, &charge.body, &refusal)?;
    collection::failed_late(ctx, &mut invoice, refusal, intent.body, now_s)
}

/// The account is empty: a bank's code stands alone, without a card's `decline_code`.
fn no_cover() -> Refusal {
    Refusal {
        reason: "insufficient_funds".to_owned(),
        code: "insufficient_funds".to_owned(),
        decline_code: None,
        message: "The customer's account has insufficient funds to cover this payment.".to_owned(),
        advice_code: None,
        network_advice_code: None,
        network_decline_code: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_known_by_its_check_digits() {
        for (iban, _) in ACCOUNTS {
            assert!(is_iban(iban), "{iban}");
            let mut wrong = iban.to_owned();
            wrong.replace_range(2..4, "00");
            assert!(!is_iban(&wrong), "{wrong}");
        }
        assert_eq!(check_iban("de89 3704 0044 0532 0130 00").unwrap(), ACCOUNT);
        for wrong in ["", "DE89", "GB29NWBK60161331926819", "DE8937040044053201300ö"] {
            assert!(check_iban(wrong).is_err(), "{wrong}");
        }
    }
}
