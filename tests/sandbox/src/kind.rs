//! The kinds of object that the sandbox keeps.

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    BalanceTransaction,
    Charge,
    Clock,
    Coupon,
    Customer,
    Discount,
    Event,
    Invoice,
    InvoiceItem,
    InvoicePayment,
    PaymentIntent,
    PaymentMethod,
    PortalSession,
    Price,
    Product,
    PromotionCode,
    SetupAttempt,
    SetupIntent,
    Subscription,
    SubscriptionItem,
    WebhookEndpoint,
}

impl Kind {
    /// The id prefix, the `object` field, and the noun in "No such …".
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::BalanceTransaction => {
                ("cbtxn", "customer_balance_transaction", "customer balance transaction")
            }
            Self::Charge => ("ch", "charge", "charge"),
            Self::Clock => ("clock", "test_helpers.test_clock", "test clock"),
            Self::Coupon => ("co", "coupon", "coupon"),
            Self::Customer => ("cus", "customer", "customer"),
            Self::Discount => ("di", "discount", "discount"),
            Self::Event => ("evt", "event", "event"),
            Self::Invoice => ("in", "invoice", "invoice"),
            Self::InvoiceItem => ("ii", "invoiceitem", "invoiceitem"),
            Self::InvoicePayment => ("inpay", "invoice_payment", "invoice payment"),
            Self::PaymentIntent => ("pi", "payment_intent", "payment_intent"),
            Self::PaymentMethod => ("pm", "payment_method", "PaymentMethod"),
            Self::PortalSession => ("bps", "billing_portal.session", "billing portal session"),
            Self::Price => ("price", "price", "price"),
            Self::Product => ("prod", "product", "product"),
            Self::PromotionCode => ("promo", "promotion_code", "promotion code"),
            Self::SetupAttempt => ("setatt", "setup_attempt", "setup attempt"),
            Self::SetupIntent => ("seti", "setup_intent", "setupintent"),
            Self::Subscription => ("sub", "subscription", "subscription"),
            Self::SubscriptionItem => ("si", "subscription_item", "subscription_item"),
            Self::WebhookEndpoint => ("we", "webhook_endpoint", "webhook endpoint"),
        }
    }

    /// What stands before the underscore in an id.
    pub(crate) fn prefix(self) -> &'static str {
        self.names().0
    }

    /// The value of the `object` field.
    pub(crate) fn object(self) -> &'static str {
        self.names().1
    }

    /// The noun in "No such …".
    pub(crate) fn noun(self) -> &'static str {
        self.names().2
    }
}
