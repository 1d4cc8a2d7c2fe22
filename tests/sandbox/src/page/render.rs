//! The page's HTML. Everything that comes from an object is escaped.

use serde_json::Value;

use crate::config::API_VERSION;
use crate::json::Json;
use crate::page::Snapshot;

/// `&`, `<`, `>` and quotes as entities.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// `19.00 EUR`; currencies without cents as they are.
fn money(minor: i64, currency: &str) -> String {
    let currency = currency.to_uppercase();
    if matches!(currency.as_str(), "JPY" | "KRW" | "VND" | "CLP") {
        return format!("{minor} {}", escape(&currency));
    }
    format!("{}.{:02} {}", minor / 100, (minor % 100).abs(), escape(&currency))
}

/// Seconds since 1970 as a date in UTC, a dash for none.
fn date(value: &Value) -> String {
    let stamp = value.as_i64().and_then(|s| jiff::Timestamp::from_second(s).ok());
    stamp.map_or_else(
        || "–".to_owned(),
        |at| at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

fn id_link(id: &str) -> String {
    if id.is_empty() {
        return "–".to_owned();
    }
    let id = escape(id);
    let short: String = id.chars().take(16).collect();
    format!("<a href=\"/_page/{id}\" title=\"{id}\"><code>{short}…</code></a>")
}

/// A coloured word; the class is the word itself, of which the style knows some.
fn badge(state: &str) -> String {
    let state = escape(state);
    let class = state.split(' ').next().unwrap_or_default();
    format!("<span class=\"badge {class}\">{state}</span>")
}

fn table(title: &str, heads: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return format!("<section><h2>{title}</h2><p class=\"none\">None yet.</p></section>");
    }
    let head: String = heads.iter().map(|name| format!("<th scope=\"col\">{name}</th>")).collect();
    let body: String = rows
        .into_iter()
        .map(|cells| {
            let cells: String = cells.into_iter().map(|cell| format!("<td>{cell}</td>")).collect();
            format!("<tr>{cells}</tr>")
        })
        .collect();
    format!(
        "<section><h2>{title}</h2><div class=\"scroll\"><table><thead><tr>{head}</tr></thead>\
         <tbody>{body}</tbody></table></div></section>"
    )
}

fn document(title: &str, body: &str, script: bool) -> String {
    let script =
        if script { "<script type=\"module\" src=\"/_page/page.js\"></script>" } else { "" };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title}</title><link rel=\"icon\" href=\"data:,\">\
         <link rel=\"stylesheet\" href=\"/_page/page.css\">{script}</head>\
         <body>{body}</body></html>"
    )
}

/// A page with one sentence.
pub(crate) fn message(text: &str) -> String {
    document("Sandbox", &format!("<main><p>{}</p></main>", escape(text)), false)
}

/// Replaces every client secret, however deep: an event holds whole objects.
fn hide_secrets(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_secrets),
        Value::Object(map) => {
            for (name, inner) in map {
                match inner {
                    Value::String(text) if name == "client_secret" => {
                        "(not shown)".clone_into(text);
                    }
                    inner => hide_secrets(inner),
                }
            }
        }
        _ => {}
    }
}

/// One object as JSON, without client secrets.
pub(crate) fn object(id: &str, object: &Value) -> String {
    let mut shown = object.clone();
    hide_secrets(&mut shown);
    let text = serde_json::to_string_pretty(&shown).unwrap_or_default();
    let body = format!(
        "<header><h1><a href=\"/\">Sandbox</a> · {}</h1></header><main><pre>{}</pre></main>",
        escape(id),
        escape(&text)
    );
    document(&escape(id), &body, false)
}

/// The whole page.
pub(crate) fn page(snapshot: &Snapshot) -> String {
    let webhooks = if snapshot.paused { "webhooks paused" } else { "webhooks on" };
    let body = format!(
        "<header><h1>Reprieve sandbox</h1><p>Behaves like Stripe {API_VERSION}. Test data only. \
         <span id=\"live\" role=\"status\"></span></p></header>\
         <main id=\"main\"><p class=\"bar\">{}</p>{}{}{}{}{}{}{}{}</main>",
        badge(webhooks),
        subscriptions(snapshot),
        invoices(snapshot),
        charges(snapshot),
        events(snapshot),
        customers(snapshot),
        methods(snapshot),
        setup_intents(snapshot),
        clocks(snapshot),
    );
    document("Reprieve sandbox", &body, true)
}

fn subscriptions(snapshot: &Snapshot) -> String {
    let rows = snapshot.subscriptions.iter().map(|sub| {
        let item = sub.at("items/data/0");
        let amount = item.int("price/unit_amount").saturating_mul(item.int("quantity"));
        vec![
            id_link(sub.text("id")),
            id_link(sub.text("customer")),
            badge(sub.text("status")),
            money(amount, sub.text("currency")),
            date(item.at("current_period_end")),
        ]
    });
    table("Subscriptions", &["Id", "Customer", "Status", "Price", "Period ends"], rows.collect())
}

fn invoices(snapshot: &Snapshot) -> String {
    let rows = snapshot.invoices.iter().map(|invoice| {
        vec![
            id_link(invoice.text("id")),
            escape(invoice.text("number")),
            badge(invoice.text("status")),
            money(invoice.int("total"), invoice.text("currency")),
            invoice.int("attempt_count").to_string(),
            date(invoice.at("next_payment_attempt")),
            date(invoice.at("created")),
        ]
    });
    let heads = ["Id", "Number", "Status", "Total", "Attempts", "Next attempt", "Created"];
    table("Invoices", &heads, rows.collect())
}

fn charges(snapshot: &Snapshot) -> String {
    let rows = snapshot.charges.iter().map(|charge| {
        let card = charge.at("payment_method_details/card");
        let reason = charge.text("outcome/reason");
        vec![
            id_link(charge.text("id")),
            id_link(charge.text("customer")),
            badge(charge.text("status")),
            money(charge.int("amount"), charge.text("currency")),
            format!("{} •••• {}", escape(card.text("brand")), escape(card.text("last4"))),
            escape(reason),
            date(charge.at("created")),
        ]
    });
    let heads = ["Id", "Customer", "Status", "Amount", "Card", "Reason", "Created"];
    table("Charges: every attempt on the network", &heads, rows.collect())
}

fn events(snapshot: &Snapshot) -> String {
    let rows = snapshot.events.iter().map(|(event, state)| {
        vec![
            id_link(event.text("id")),
            escape(event.text("type")),
            badge(state),
            date(event.at("created")),
        ]
    });
    table("Events", &["Id", "Type", "Delivery", "Created"], rows.collect())
}

fn customers(snapshot: &Snapshot) -> String {
    let rows = snapshot.customers.iter().map(|customer| {
        let standing = match (customer.flag("deleted"), customer.flag("delinquent")) {
            (true, _) => "deleted",
            (false, true) => "delinquent",
            (false, false) => "current",
        };
        vec![
            id_link(customer.text("id")),
            escape(customer.text("name")),
            escape(customer.text("email")),
            badge(standing),
            id_link(customer.text("invoice_settings/default_payment_method")),
        ]
    });
    table("Customers", &["Id", "Name", "E-mail", "Standing", "Default card"], rows.collect())
}

fn methods(snapshot: &Snapshot) -> String {
    let rows = snapshot.methods.iter().map(|method| {
        let card = method.at("card");
        let expiry = format!("{:02}/{}", card.int("exp_month"), card.int("exp_year"));
        vec![
            id_link(method.text("id")),
            format!("{} •••• {}", escape(card.text("brand")), escape(card.text("last4"))),
            expiry,
            match method.text("customer") {
                "" => badge("detached"),
                customer => id_link(customer),
            },
        ]
    });
    table("Payment methods", &["Id", "Card", "Expires", "Customer"], rows.collect())
}

fn setup_intents(snapshot: &Snapshot) -> String {
    let rows = snapshot.setup_intents.iter().map(|intent| {
        vec![
            id_link(intent.text("id")),
            id_link(intent.text("customer")),
            badge(intent.text("status")),
            escape(intent.text("last_setup_error/code")),
            date(intent.at("created")),
        ]
    });
    let heads = ["Id", "Customer", "Status", "Last error", "Created"];
    table("Setup intents", &heads, rows.collect())
}

fn clocks(snapshot: &Snapshot) -> String {
    let rows = snapshot.clocks.iter().map(|clock| {
        vec![
            id_link(clock.text("id")),
            escape(clock.text("name")),
            badge(clock.text("status")),
            date(clock.at("frozen_time")),
        ]
    });
    table("Test clocks", &["Id", "Name", "Status", "Stands at"], rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_an_object_says_is_never_markup() {
        let text =
            object("x<b>", &json!({"name": "<script>", "in": [{"client_secret": "s3cret"}]}));
        assert!(!text.contains("<script>") && !text.contains("<b>"), "{text}");
        assert!(!text.contains("s3cret"));
    }

    #[test]
    fn amounts_and_dates_are_readable() {
        assert_eq!(money(1_905, "eur"), "19.05 EUR");
        assert_eq!(money(500, "jpy"), "500 JPY");
        assert_eq!(date(&json!(0)), "1970-01-01 00:00");
        assert_eq!(date(&Value::Null), "–");
    }
}
