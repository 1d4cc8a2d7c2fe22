//! Products, prices, test clocks, webhook endpoints.

use serde_json::{Value, json};

/// A new product.
pub(crate) fn product(id: &str, created: i64, name: &str) -> Value {
    json!({
        "id": id,
        "object": "product",
        "active": true,
        "created": created,
        "default_price": null,
        "description": null,
        "images": [],
        "livemode": false,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": null,
        "shippable": null,
        "statement_descriptor": null,
        "tax_code": null,
        "tax_details": null,
        "type": "service",
        "unit_label": null,
        "updated": created,
        "url": null,
    })
}

/// What a price costs and how often.
#[derive(Clone, Debug)]
pub(crate) struct PriceTerms {
    pub(crate) product: String,
    pub(crate) currency: String,
    pub(crate) unit_amount_minor: i64,
    /// `day`, `week`, `month` or `year` and how many of them; `None` for a one-time price.
    pub(crate) recurring: Option<(String, i64)>,
}

/// A new price.
pub(crate) fn price(id: &str, created: i64, terms: &PriceTerms) -> Value {
    let recurring = terms.recurring.as_ref().map(|(interval, count)| {
        json!({
            "interval": interval,
            "interval_count": count,
            "meter": null,
            "trial_period_days": null,
            "usage_type": "licensed",
        })
    });
    json!({
        "id": id,
        "object": "price",
        "active": true,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": terms.currency,
        "custom_unit_amount": null,
        "livemode": false,
        "lookup_key": null,
        "metadata": {},
        "nickname": null,
        "product": terms.product,
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": null,
        "transform_quantity": null,
        "type": if recurring.is_some() { "recurring" } else { "one_time" },
        "unit_amount": terms.unit_amount_minor,
        "unit_amount_decimal": terms.unit_amount_minor.to_string(),
    })
}

/// A new test clock, standing at `frozen_time`.
pub(crate) fn clock(id: &str, created: i64, frozen_time: i64, name: Option<&str>) -> Value {
    /// Stripe deletes a test clock 30 days after its creation; the sandbox keeps it.
    const LIFETIME_S: i64 = 30 * 24 * 3_600;
    json!({
        "id": id,
        "object": "test_helpers.test_clock",
        "created": created,
        "deletes_after": created.saturating_add(LIFETIME_S),
        "frozen_time": frozen_time,
        "livemode": false,
        "name": name,
        "status": "ready",
        "status_details": {},
    })
}

/// A new webhook endpoint; its secret is shown only in the answer to its creation.
pub(crate) fn webhook_endpoint(id: &str, created: i64, url: &str, events: &[String]) -> Value {
    json!({
        "id": id,
        "object": "webhook_endpoint",
        "api_version": crate::config::API_VERSION,
        "application": null,
        "created": created,
        "description": null,
        "enabled_events": events,
        "livemode": false,
        "metadata": {},
        "status": "enabled",
        "url": url,
    })
}
