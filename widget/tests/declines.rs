//! The widget's short table of decline codes against the server's full one.
#![cfg(not(target_arch = "wasm32"))]

use reprieve_core::api::status::PayerReason;
use reprieve_core::decline::stripe::CODES;
use reprieve_widget::provider_js::reason;

#[test]
fn the_short_table_never_contradicts_the_servers() {
    for row in CODES {
        let (code, category) = (row.code, row.category);
        let ours = reason(code);
        let is_generic = ours == PayerReason::CardDeclined;
        assert!(is_generic || ours == category.payer_reason(), "{code}: {ours:?}");
    }
}
