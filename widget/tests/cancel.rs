//! The dialog about leaving in a real browser, with an opener that only pretends to ask a server.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy does not know that these are tests; they stop where they break"
)]

use js_sys::{Array, Function, JSON, JsString, Object, Promise, Reflect, eval};
use reprieve_core::api::cancellation::{
    CancellationView, OfferTerms, OfferView, PauseView, ProfileView, ReceiptLine, ReceiptValue,
    ReceiptView, SubscriptionView,
};
use reprieve_core::api::status::Amount;
use reprieve_widget::client::cancel::{Opener, is_link, read_cancellation};
use reprieve_widget::{Handle, mount_cancel};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

const OPENER: &str = r"
    const element = document.createElement('div');
    const root = document.createElement('div');
    element.attachShadow({ mode: 'open' }).append(root);
    document.body.append(element);
    Object.assign(root, { lang, dir: lang === 'ar' ? 'rtl' : 'ltr' });
    return {
        element, root, aim: 'cancel', locale: lang, requests: [], saved: [], left: [],
        answers: [], texts: JSON.parse(texts),
        async request(method, path, body) {
            this.requests.push([method, path, body].filter(Boolean).join(' '));
            const answer = this.answers.shift();
            return { status: answer ? 200 : 400, body: JSON.parse(answer || 'null') };
        },
        emit() {},
        save(name, text) { this.saved.push(name, text); },
        leave(changed) { this.left.push(changed); },
    };
";

struct Dialog {
    opener: Opener,
    root: HtmlElement,
    _handle: Handle,
}

fn field(opener: &Opener, name: &str) -> Object {
    Reflect::get(opener, &name.into()).unwrap().unchecked_into()
}

async fn settle() {
    let wait = "new Promise((done) => setTimeout(done, 30))";
    let promise = eval(wait).unwrap().unchecked_into::<Promise>();
    JsFuture::from(promise).await.unwrap();
}

impl Dialog {
    /// Opens it; the server's answers come in this order, and after them none.
    async fn open(language: &str, answers: &[&CancellationView]) -> Self {
        let texts = match language {
            "ar" => include_str!("../locale/cancel/ar.json"),
            "de" => include_str!("../locale/cancel/de.json"),
            _ => include_str!("../locale/cancel/en.json"),
        };
        let build = Function::new_with_args("lang, texts", OPENER);
        let args: Array = [language, texts].into_iter().map(JsString::from).collect();
        let opener: Opener = build.apply(&Object::new(), &args).unwrap().unchecked_into();
        let queue: Array = field(&opener, "answers").unchecked_into();
        for answer in answers {
            queue.push(&serde_json::to_string(answer).unwrap().into());
        }
        let root = field(&opener, "root").unchecked_into();
        let handle = mount_cancel(opener.clone().unchecked_into()).ok().unwrap();
        settle().await;
        Self { opener, root, _handle: handle }
    }

    fn find(&self, selector: &str) -> HtmlElement {
        let found = self.root.query_selector(selector).unwrap();
        found.unwrap_or_else(|| panic!("nothing matches {selector}")).unchecked_into()
    }

    fn text(&self, selector: &str) -> String {
        self.find(selector).text_content().unwrap_or_default()
    }

    fn count(&self, selector: &str) -> u32 {
        self.root.query_selector_all(selector).unwrap().length()
    }

    fn screen(&self) -> String {
        self.root.get_attribute("data-screen").unwrap_or_default()
    }

    fn focused(&self) -> String {
        let shadow = self.root.get_root_node().unchecked_into::<web_sys::ShadowRoot>();
        shadow.active_element().map(|element| element.tag_name()).unwrap_or_default()
    }

    async fn press(&self, selector: &str) {
        self.find(selector).click();
        settle().await;
    }

    fn list(&self, name: &str) -> Vec<String> {
        let list: Array = field(&self.opener, name).unchecked_into();
        list.iter().map(|item| item.as_string().unwrap_or(format!("{item:?}"))).collect()
    }
}

fn amount(amount_minor: i64) -> Amount {
    Amount { amount_minor, currency: "eur".to_owned() }
}

fn view(step: &str) -> CancellationView {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    CancellationView {
        id: "ccl_1".to_owned(),
        subscription: SubscriptionView {
            id: "sub_1".to_owned(),
            plan: Some(amount(1900)),
            interval: Some("month".to_owned()),
            cancellation: Some("ccl_1".to_owned()),
            is_leaving: false,
            ends_at_ms: None,
            pause: None,
            withdraw_until_ms: None,
        },
        kind: "ordinary".to_owned(),
        state: if step == "done" { "canceled" } else { "open" }.to_owned(),
        step: step.to_owned(),
        steps: words(&["survey", "offer", "feedback", "confirm"]),
        can_go_back: step != "survey",
        profile: ProfileView {
            jurisdiction: "kr".to_owned(),
            found_by: "billing_country".to_owned(),
            confirm_label: "cancel.confirm".to_owned(),
            clicks_max: 3,
            cancel_on_offer: "now".to_owned(),
        },
        reasons: words(&["too_expensive", "unused", "of_a_later_version"]),
        reason: None,
        feedback: None,
        offers: Vec::new(),
        accepted: None,
        failed_offer: None,
        effective_at_ms: 1_790_000_000_000,
        undo_until_ms: None,
        open_invoices: "void".to_owned(),
        receipt: None,
        server_time_ms: 1_789_000_000_000,
    }
}

fn receipt() -> ReceiptView {
    let line = |key: &str, value| ReceiptLine { key: key.to_owned(), value };
    ReceiptView {
        id: "ccl_1".to_owned(),
        at_ms: 1_789_000_000_000,
        effective_at_ms: 1_790_000_000_000,
        lines: vec![
            line("receipt.id", ReceiptValue::Text("ccl_1\r\nPrice: 0".to_owned())),
            line("receipt.at", ReceiptValue::TimeMs(1_789_000_000_000)),
            line("receipt.price", ReceiptValue::Amount(amount(1900))),
            line("receipt.kind", ReceiptValue::Word("receipt.kind.ordinary".to_owned())),
        ],
    }
}

#[wasm_bindgen_test]
async fn nothing_is_picked_and_what_is_picked_is_sent() {
    let dialog = Dialog::open("en", &[&view("survey"), &view("confirm")]).await;
    assert_eq!((dialog.screen().as_str(), dialog.focused().as_str()), ("survey", "H2"));
    assert_eq!(dialog.count("dialog:modal"), 1);
    // A reason of a later version has no words here.
    assert_eq!((dialog.count("input"), dialog.count("input:checked")), (2, 0));
    dialog.press("label:nth-of-type(2) input").await;
    assert_eq!(dialog.count("input:checked"), 1);
    dialog.press(".foot [part=choice]:nth-of-type(2)").await;
    assert_eq!((dialog.screen().as_str(), dialog.focused().as_str()), ("confirm", "H2"));
    let requests = dialog.list("requests");
    assert_eq!(requests[0], r#"POST /v1/cancellations {"subscription":null,"kind":"ordinary"}"#);
    assert_eq!(
        requests[1],
        concat!(
            "POST /v1/cancellations/ccl_1/answer ",
            r#"{"from":"survey","answer":"reason","reason":"unused"}"#
        )
    );
}

#[wasm_bindgen_test]
async fn an_offer_has_its_dates_and_amounts_and_a_button_like_the_way_out() {
    let pause = OfferTerms::Pause {
        access: "off".to_owned(),
        periods: Some(2),
        access_until_ms: Some(1_790_000_000_000),
        resumes_at_ms: 1_795_000_000_000,
        resumes_at_max_ms: None,
        first_charge_at_ms: Some(1_795_000_000_000),
    };
    let discount = OfferTerms::Discount {
        percent: Some(50),
        amount_off: None,
        periods: 3,
        price: Some(amount(950)),
    };
    let offer = |name: &str, terms| OfferView { name: name.to_owned(), terms };
    let mut told = view("offer");
    told.offers = vec![offer("a/b", pause), offer("half", discount)];
    let mut kept = view("kept");
    kept.state = "kept".to_owned();
    kept.accepted = Some("a/b".to_owned());
    let dialog = Dialog::open("en", &[&told, &kept]).await;
    let words = dialog.text(".form");
    for sentence in [
        "A pause of 2 billing periods",
        "You can use everything until September 21, 2026",
        "Nothing is charged until November 18, 2026. Then it’s €19.00 again.",
        "50% off your next 3 payments",
        "You pay €9.50 each time",
    ] {
        assert!(words.contains(sentence), "{sentence}: {words}");
    }
    assert_eq!(dialog.count("button.choice"), 4);
    assert_eq!(dialog.text(".foot .choice"), "Cancel subscription now");
    dialog.press(".offer .choice").await;
    assert_eq!(dialog.list("requests")[1], "POST /v1/cancellations/ccl_1/offers/a%2Fb/accept {}");
    assert_eq!(dialog.screen(), "kept");
    assert!(dialog.text(".form").contains("A pause of 2 billing periods"));
}

#[wasm_bindgen_test]
async fn an_answer_that_fails_keeps_what_was_written() {
    let dialog = Dialog::open("en", &[&view("feedback")]).await;
    let area = dialog.find("textarea");
    Reflect::set(&area, &"value".into(), &"All fine".into()).unwrap();
    area.dispatch_event(&web_sys::Event::new("input").unwrap()).unwrap();
    dialog.press(".foot .choice").await;
    assert_eq!(dialog.screen(), "feedback");
    assert!(dialog.text(".status").contains("isn’t possible"), "{}", dialog.text(".status"));
    dialog.press(".foot .choice").await;
    let requests = dialog.list("requests");
    assert!(requests[2].contains(r#""text":"All fine""#), "{requests:?}");
    assert_eq!(requests[1], requests[2], "the same once more");
}

#[wasm_bindgen_test]
async fn the_receipt_is_shown_and_saved_line_by_line() {
    let mut done = view("done");
    done.receipt = Some(receipt());
    done.undo_until_ms = Some(1_790_000_000_000);
    let dialog = Dialog::open("en", &[&done]).await;
    assert_eq!(dialog.count("dl .row"), 4);
    dialog.press(".foot .choice:nth-of-type(2)").await;
    let saved = dialog.list("saved");
    assert_eq!(saved[0], "ccl_1");
    let lines: Vec<_> = saved[1].trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 5, "a line is a line, whatever was written: {lines:?}");
    assert_eq!(lines[3], "Price: €19.00");
    assert_eq!(lines[4], "Declaration: Cancellation");
}

#[wasm_bindgen_test]
async fn the_buttons_of_german_law_and_no_link_to_just_anywhere() {
    let mut told = view("confirm");
    told.profile.jurisdiction = "de".to_owned();
    told.profile.confirm_label = "cancel.confirm.de".to_owned();
    let dialog = Dialog::open("de", &[&told]).await;
    assert_eq!(dialog.text(".foot .choice"), "jetzt kündigen");
    assert_eq!(dialog.count("a"), 0);
    assert!(is_link("mailto:a@b.example") && !is_link("data:text/html,x") && !is_link("/x"));
}

#[wasm_bindgen_test]
async fn escape_closes() {
    let dialog = Dialog::open("ar", &[&view("survey")]).await;
    let cancel = web_sys::Event::new("cancel").unwrap();
    dialog.find("dialog").dispatch_event(&cancel).unwrap();
    settle().await;
    assert_eq!(dialog.list("left"), ["JsValue(false)"]);
}

#[wasm_bindgen_test]
fn the_small_reader_reads_what_serde_writes() {
    let mut full = view("offer");
    full.reason = Some("unused".to_owned());
    full.feedback = Some("\"ü\" 日本".to_owned());
    full.accepted = Some("half".to_owned());
    full.failed_offer = Some("half".to_owned());
    full.undo_until_ms = Some(1);
    full.receipt = Some(receipt());
    full.reasons.push("x".to_owned());
    full.subscription.ends_at_ms = Some(2);
    full.subscription.is_leaving = true;
    full.subscription.pause = Some(PauseView {
        state: "paused".to_owned(),
        access_until_ms: Some(3),
        resumes_at_ms: 4,
        first_charge_at_ms: Some(5),
        can_extend: true,
    });
    let url = || "https://help.example/".to_owned();
    let terms = [
        OfferTerms::Pause {
            access: "on".to_owned(),
            periods: None,
            access_until_ms: None,
            resumes_at_ms: 1,
            resumes_at_max_ms: Some(2),
            first_charge_at_ms: None,
        },
        OfferTerms::Discount {
            percent: None,
            amount_off: Some(amount(1)),
            periods: 1,
            price: None,
        },
        OfferTerms::PlanChange { label: "Lite".to_owned() },
        OfferTerms::TrialExtension { until_ms: 9 },
        OfferTerms::Credit { amount: amount(500) },
        OfferTerms::Contact { url: url() },
        OfferTerms::Redirect { url: url() },
    ];
    full.offers = terms.map(|terms| OfferView { name: "n".to_owned(), terms }).to_vec();
    for told in [full, view("survey")] {
        let json = serde_json::to_string(&told).unwrap();
        assert_eq!(read_cancellation(&JSON::parse(&json).unwrap()), Some(told));
    }
    for wrong in ["{}", "null", "[]", r#"{"id":1}"#] {
        assert_eq!(read_cancellation(&JSON::parse(wrong).unwrap()), None);
    }
}
