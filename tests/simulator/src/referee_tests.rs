//! The referee finds what was planted, and nothing else.

use super::*;
use crate::codes::Codes;

const START: Timestamp = Timestamp::from_seconds(1_801_440_000);

fn line(hours: i64, codes: Option<Codes>) -> Line {
    Line {
        at: START.plus_ms(hours * HOUR_MS),
        card: Card::Original,
        renewal: 0,
        amount_minor: 999,
        on_session: false,
        codes,
    }
}

fn no(decline: &'static str, network: &'static str, mac: Option<&'static str>) -> Option<Codes> {
    Some(Codes { decline, advice: None, network: Some(network), mac })
}

fn plain() -> Option<Codes> {
    no("generic_decline", "05", None)
}

/// What is found when the attempts are made one after the other.
fn found(network: Network, lines: &[Line]) -> Vec<Rule> {
    let mut referee = Referee::new(network);
    for line in lines {
        referee.judge(*line);
    }
    Rule::ALL.into_iter().filter(|rule| referee.broken[*rule as usize] > 0).collect()
}

#[test]
fn an_honest_ladder_breaks_nothing() {
    for network in [Network::Visa, Network::Mastercard, Network::Amex] {
        let ladder: Vec<Line> = (0..8).map(|k| line(k * 42, plain())).collect();
        assert_eq!(found(network, &ladder), []);
    }
}

#[test]
fn a_new_card_may_be_tried_after_a_stop() {
    let new = Line { card: Card::New(1), ..line(1, None) };
    for network in [Network::Visa, Network::Mastercard] {
        let lines = [line(0, no("lost_card", "41", Some("03"))), new];
        assert_eq!(found(network, &lines), []);
    }
}

#[test]
fn visa() {
    let again = |first| found(Network::Visa, &[line(0, first), line(100, plain())]);
    assert_eq!(again(no("invalid_account", "14", None)), [Rule::VisaCategory1]);
    assert_eq!(again(no("lost_card", "41", None)), [Rule::AfterStop, Rule::VisaCategory1]);
    assert_eq!(again(no("insufficient_funds", "51", None)), []);
    // After a revocation the customer may pay, the merchant may not charge.
    let by_hand = Line { on_session: true, ..line(100, None) };
    let revoked = line(0, no("revocation_of_authorization", "R1", None));
    assert_eq!(found(Network::Visa, &[revoked, by_hand]), []);
    let dead = line(0, no("invalid_account", "14", None));
    assert_eq!(found(Network::Visa, &[dead, by_hand]), [Rule::VisaCategory1]);
    let twenty: Vec<Line> = (0..20).map(|k| line(k * 30, plain())).collect();
    assert_eq!(found(Network::Visa, &twenty), []);
    let more: Vec<Line> = (0..21).map(|k| line(k * 30, plain())).collect();
    assert_eq!(found(Network::Visa, &more), [Rule::Visa20In30Days]);
    assert_eq!(found(Network::Amex, &more), [Rule::Other20In30Days]);
    let slower: Vec<Line> = (0..21).map(|k| line(k * 36, plain())).collect();
    assert_eq!(found(Network::Visa, &slower), []);
}

#[test]
fn mastercard() {
    let again = |mac, hours| {
        let lines = [line(0, no("do_not_honor", "05", Some(mac))), line(hours, plain())];
        found(Network::Mastercard, &lines)
    };
    assert_eq!(again("03", 500), [Rule::MastercardStop]);
    assert_eq!(again("21", 500), [Rule::MastercardStop]);
    assert_eq!(again("02", 71), [Rule::MastercardTooEarly]);
    assert_eq!(again("02", 72), []);
    assert_eq!(again("30", 239), [Rule::MastercardTooEarly]);
    assert_eq!(again("30", 240), []);
    let eleven: Vec<Line> = (0..11).map(|k| line(k, plain())).collect();
    assert_eq!(found(Network::Mastercard, &eleven), [Rule::Mastercard10In24Hours]);
    let many: Vec<Line> = (0..36).map(|k| line(k * 20, plain())).collect();
    assert_eq!(found(Network::Mastercard, &many), [Rule::Mastercard35In30Days]);
}

#[test]
fn authentication_stops_its_own_invoice_only() {
    let asked = line(0, no("authentication_required", "1A", None));
    let other = Line { renewal: 1, ..line(100, plain()) };
    assert_eq!(found(Network::Visa, &[asked, line(100, plain())]), [Rule::AfterStop]);
    assert_eq!(found(Network::Visa, &[asked, other]), []);
    let seen = Line { on_session: true, ..line(50, no("insufficient_funds", "51", None)) };
    assert_eq!(found(Network::Visa, &[asked, seen, line(100, plain())]), []);
}
