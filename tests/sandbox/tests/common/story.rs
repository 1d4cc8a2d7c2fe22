//! A customer on a test clock with one subscription.

use serde_json::Value;

use super::Sandbox;

pub const HOUR_S: i64 = 3_600;
pub const DAY_S: i64 = 24 * HOUR_S;

/// Noon of a day in UTC, in seconds since 1970.
pub fn noon(date: &str) -> i64 {
    format!("{date}T12:00:00Z").parse::<jiff::Timestamp>().unwrap().as_second()
}

pub fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

pub struct Story<'a> {
    pub sandbox: &'a Sandbox,
    pub clock: String,
    pub customer: String,
    pub subscription: String,
}

/// A customer with a monthly subscription of 19.00 euros that is paid with `token`'s card.
pub fn begin<'a>(sandbox: &'a Sandbox, start: &str, token: &str) -> Story<'a> {
    begin_with(sandbox, start, token, &[])
}

/// The same, with more parameters for the subscription.
pub fn begin_with<'a>(
    sandbox: &'a Sandbox,
    start: &str,
    token: &str,
    more: &[(&str, &str)],
) -> Story<'a> {
    let at = noon(start).to_string();
    let clock = id(&sandbox.post("/v1/test_helpers/test_clocks", &[("frozen_time", &at)]).ok());
    let form = [("test_clock", clock.as_str()), ("payment_method", "pm_card_visa")];
    let customer = id(&sandbox.post("/v1/customers", &form).ok());
    let methods = sandbox.get(&format!("/v1/payment_methods?customer={customer}")).ok();
    let good = id(&methods["data"][0]);
    let mut form = vec![
        ("customer", customer.as_str()),
        ("items[0][price_data][currency]", "eur"),
        ("items[0][price_data][unit_amount]", "1900"),
        ("items[0][price_data][recurring][interval]", "month"),
        ("items[0][price_data][product_data][name]", "Pro plan"),
        ("default_payment_method", &good),
    ];
    form.extend_from_slice(more);
    let subscription = id(&sandbox.post("/v1/subscriptions", &form).ok());
    if token != "pm_card_visa" {
        let form = [("customer", customer.as_str())];
        let card = id(&sandbox.post(&format!("/v1/payment_methods/{token}/attach"), &form).ok());
        let form = [("default_payment_method", card.as_str())];
        sandbox.post(&format!("/v1/subscriptions/{subscription}"), &form).ok();
    }
    Story { sandbox, clock, customer, subscription }
}

impl Story<'_> {
    pub fn path(&self) -> String {
        format!("/v1/subscriptions/{}", self.subscription)
    }

    pub fn subscription(&self) -> Value {
        self.sandbox.get(&self.path()).ok()
    }

    pub fn latest_invoice(&self) -> Value {
        let path = format!("{}?expand[]=latest_invoice", self.path());
        self.sandbox.get(&path).ok()["latest_invoice"].clone()
    }

    pub fn invoice_count(&self) -> usize {
        let path = format!("/v1/invoices?limit=100&subscription={}", self.subscription);
        self.sandbox.get(&path).ok()["data"].as_array().expect("a list").len()
    }

    pub fn advance(&self, to_s: i64) {
        self.sandbox.advance(&self.clock, to_s);
    }

    pub fn update(&self, form: &[(&str, &str)]) -> Value {
        self.sandbox.post(&self.path(), form).ok()
    }

    /// How many events of this kind the customer caused.
    pub fn events(&self, kind: &str) -> usize {
        let events = self.sandbox.get(&format!("/v1/events?limit=100&type={kind}")).ok();
        let events = events["data"].as_array().expect("a list").clone();
        let ours = |event: &&Value| event["data"]["object"].to_string().contains(&self.customer);
        events.iter().filter(ours).count()
    }

    /// Money that was taken from the customer, in minor units.
    pub fn taken_minor(&self) -> i64 {
        let path = format!("ledger?customer={}", self.customer);
        let ledger = self.sandbox.control("GET", &path, &Value::Null);
        let rows = ledger["charges"].as_array().expect("a list").clone();
        rows.iter()
            .filter(|row| row["status"] == "succeeded")
            .map(|row| row["amount"].as_i64().expect("an amount"))
            .sum()
    }
}
