//! The API: every route in one table, one file a resource.

pub(crate) mod billing_items;
pub(crate) mod charges;
pub(crate) mod coupons;
pub(crate) mod customers;
pub(crate) mod events;
pub(crate) mod intents;
pub(crate) mod invoice_payments;
pub(crate) mod invoices;
pub(crate) mod listing;
pub(crate) mod pauses;
pub(crate) mod payment_intents;
pub(crate) mod payment_methods;
pub(crate) mod portal;
pub(crate) mod prices;
pub(crate) mod products;
pub(crate) mod setup_intents;
pub(crate) mod subscription_params;
pub(crate) mod subscriptions;
pub(crate) mod test_clocks;
pub(crate) mod webhook_endpoints;

use serde_json::Value;

use crate::auth::KeyKind;
use crate::context::Ctx;
use crate::error::ApiError;
use crate::params::Params;

/// What a handler is told about the request.
pub(crate) struct Call<'a> {
    /// The id in the path, empty for collections.
    pub(crate) id: &'a str,
    /// The path, for `url` fields.
    pub(crate) path: &'a str,
    pub(crate) key: KeyKind,
    pub(crate) params: Params,
}

/// An operation of the API.
pub(crate) type Handler = fn(&mut Ctx<'_>, &Call<'_>) -> Result<Value, ApiError>;

/// One route.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) pattern: &'static str,
    pub(crate) handler: Handler,
    /// Whether a publishable key with the object's client secret may call it.
    pub(crate) public: bool,
}

const fn secret(method: &'static str, pattern: &'static str, handler: Handler) -> Route {
    Route { method, pattern, handler, public: false }
}

const fn public(method: &'static str, pattern: &'static str, handler: Handler) -> Route {
    Route { method, pattern, handler, public: true }
}

/// Every route. `:id` stands for one path segment.
pub(crate) const ROUTES: &[Route] = &[
    secret("POST", "/v1/customers", customers::create),
    secret("GET", "/v1/customers", customers::list),
    secret("GET", "/v1/customers/:id", customers::retrieve),
    secret("POST", "/v1/customers/:id", customers::update),
    secret("DELETE", "/v1/customers/:id", customers::delete),
    secret("GET", "/v1/customers/:id/payment_methods", payment_methods::list_of_customer),
    secret("POST", "/v1/customers/:id/balance_transactions", billing_items::create_transaction),
    secret("GET", "/v1/customers/:id/balance_transactions", billing_items::list_transactions),
    secret("POST", "/v1/payment_methods", payment_methods::create),
    secret("GET", "/v1/payment_methods", payment_methods::list),
    secret("GET", "/v1/payment_methods/:id", payment_methods::retrieve),
    secret("POST", "/v1/payment_methods/:id/attach", payment_methods::attach),
    secret("POST", "/v1/payment_methods/:id/detach", payment_methods::detach),
    secret("POST", "/v1/products", products::create),
    secret("GET", "/v1/products", products::list),
    secret("GET", "/v1/products/:id", products::retrieve),
    secret("POST", "/v1/prices", prices::create),
    secret("GET", "/v1/prices", prices::list),
    secret("POST", "/v1/plans", prices::create_plan),
    secret("GET", "/v1/prices/:id", prices::retrieve),
    secret("POST", "/v1/subscriptions", subscriptions::create),
    secret("GET", "/v1/subscriptions", subscriptions::list),
    secret("GET", "/v1/subscriptions/:id", subscriptions::retrieve),
    secret("POST", "/v1/subscriptions/:id", subscriptions::update),
    secret("DELETE", "/v1/subscriptions/:id", subscriptions::cancel),
    secret("POST", "/v1/subscriptions/:id/pause", pauses::pause),
    secret("POST", "/v1/subscriptions/:id/resume", pauses::resume),
    secret("DELETE", "/v1/subscriptions/:id/discount", subscriptions::delete_discount),
    secret("GET", "/v1/subscription_items", billing_items::list_subscription_items),
    secret("POST", "/v1/coupons", coupons::create),
    secret("GET", "/v1/coupons", coupons::list),
    secret("GET", "/v1/coupons/:id", coupons::retrieve),
    secret("DELETE", "/v1/coupons/:id", coupons::delete),
    secret("POST", "/v1/promotion_codes", coupons::create_code),
    secret("GET", "/v1/promotion_codes", coupons::list_codes),
    secret("GET", "/v1/promotion_codes/:id", coupons::retrieve_code),
    secret("POST", "/v1/promotion_codes/:id", coupons::update_code),
    secret("GET", "/v1/invoices", invoices::list),
    secret("GET", "/v1/invoices/:id", invoices::retrieve),
    secret("POST", "/v1/invoices/:id", invoices::update),
    secret("POST", "/v1/invoices/:id/pay", invoices::pay),
    secret("POST", "/v1/invoices/:id/finalize", invoices::finalize),
    secret("POST", "/v1/invoices/:id/void", invoices::void),
    secret("POST", "/v1/invoices/:id/mark_uncollectible", invoices::mark_uncollectible),
    secret("GET", "/v1/invoices/:id/lines", billing_items::list_lines),
    secret("GET", "/v1/invoiceitems", billing_items::list_invoice_items),
    secret("GET", "/v1/invoice_payments", invoice_payments::list),
    secret("GET", "/v1/invoice_payments/:id", invoice_payments::retrieve),
    secret("POST", "/v1/setup_intents", setup_intents::create),
    secret("GET", "/v1/setup_intents", setup_intents::list),
    public("GET", "/v1/setup_intents/:id", setup_intents::retrieve),
    public("POST", "/v1/setup_intents/:id/confirm", setup_intents::confirm),
    secret("POST", "/v1/setup_intents/:id/cancel", setup_intents::cancel),
    secret("GET", "/v1/payment_intents", payment_intents::list),
    public("GET", "/v1/payment_intents/:id", payment_intents::retrieve),
    public("POST", "/v1/payment_intents/:id/confirm", intents::confirm_payment),
    public("POST", "/v1/3ds2/authenticate", intents::authenticate),
    secret("POST", "/v1/billing_portal/sessions", portal::create),
    public("POST", "/v1/billing_portal/sessions/:id/open", portal::open),
    public("POST", "/v1/billing_portal/sessions/:id/complete", portal::complete),
    secret("GET", "/v1/charges", charges::list),
    secret("GET", "/v1/charges/:id", charges::retrieve),
    secret("GET", "/v1/events", events::list),
    secret("GET", "/v1/events/:id", events::retrieve),
    secret("POST", "/v1/webhook_endpoints", webhook_endpoints::create),
    secret("GET", "/v1/webhook_endpoints", webhook_endpoints::list),
    secret("DELETE", "/v1/webhook_endpoints/:id", webhook_endpoints::delete),
    secret("POST", "/v1/test_helpers/test_clocks", test_clocks::create),
    secret("GET", "/v1/test_helpers/test_clocks/:id", test_clocks::retrieve),
    secret("POST", "/v1/test_helpers/test_clocks/:id/advance", test_clocks::advance),
    secret("DELETE", "/v1/test_helpers/test_clocks/:id", test_clocks::delete),
];

/// The route for a request and the id in its path.
pub(crate) fn route<'a>(method: &str, path: &'a str) -> Option<(&'static Route, &'a str)> {
    let path = path.strip_suffix('/').unwrap_or(path);
    ROUTES
        .iter()
        .filter(|route| route.method == method)
        .find_map(|route| Some((route, matched(route.pattern, path)?)))
}

fn matched<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let Some((before, after)) = pattern.split_once(":id") else {
        return (pattern == path).then_some("");
    };
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_found_by_their_shape() {
        assert_eq!(route("POST", "/v1/invoices/in_1/pay").unwrap().1, "in_1");
        assert_eq!(route("GET", "/v1/customers/").unwrap().1, "");
        assert!(route("GET", "/v1/customers/a/b").is_none());
        assert!(route("PUT", "/v1/customers").is_none());
    }
}
