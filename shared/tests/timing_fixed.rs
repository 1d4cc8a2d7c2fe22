//! The integer functions of the timing model, held to the true ones.
//!
//! The oracle counts in floats, which no decision may do; so it stands here, not beside the code.

use reprieve_core::timing::fixed::{exp_neg, log_odds, probability};

const ONE: i64 = 1_000_000;

#[test]
fn close_to_the_true_functions() {
    for x in (-14 * ONE..=14 * ONE).step_by(997) {
        let real = x as f64 / 1e6;
        let exact = 1e6 / (1.0 + (-real).exp());
        assert!((probability(x) as f64 - exact).abs() <= 1.0, "{x}: {exact}");
        if x >= 0 {
            assert!((exp_neg(x) as f64 - 1e9 * (-real).exp()).abs() <= 8.0, "{x}");
        }
    }
    for ppm in (1_000..ONE).step_by(997) {
        let real = ppm as f64 / 1e6;
        let exact = 1e6 * (real / (1.0 - real)).ln();
        let steep = 1e6 / (real * (1.0 - real)) / 1e6;
        assert!((log_odds(ppm) as f64 - exact).abs() <= 1.5 * steep + 1.0, "{ppm}: {exact}");
    }
}
