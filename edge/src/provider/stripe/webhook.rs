//! Whether an event comes from Stripe: the `Stripe-Signature` header.
//!
//! `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`, each `v1` an HMAC-SHA256 with one signing secret over
//! `t`, a dot and the raw body (<https://docs.stripe.com/webhooks/signature>, read 2026-11). Other
//! schemes (`v0`) are ignored. The body is the one that came over the wire, byte for byte.

use crate::provider::Secret;
use crate::provider::event::SignatureError;
use hmac::{Hmac, KeyInit, Mac};
use reprieve_core::time::{SECOND_MS, Timestamp};
use sha2::Sha256;

/// The longest header, in bytes. Stripe's have about 80 for each signing secret.
pub const HEADER_BYTES_MAX: usize = 2_048;
/// The most signatures looked at.
pub const SIGNATURES_MAX: usize = 8;
/// How far the header's time may lie from ours. Stripe's libraries check the age only; we also
/// refuse the future, because such a signature could be replayed for longer than this.
pub const TOLERANCE_MS: i64 = 300 * SECOND_MS;

const MAC_BYTES: usize = 32;

/// Accepts or refuses the raw body of an event. `secrets` are the endpoint's (`whsec_…`), several
/// while they are being rotated; an empty one fits nothing, since everybody could sign with it.
/// The time is looked at only after the signature, so that a stranger learns nothing from it.
pub fn verify(
    header: Option<&str>,
    raw: &[u8],
    secrets: &[Secret],
    now: Timestamp,
) -> Result<(), SignatureError> {
    let header = parse(header.ok_or(SignatureError::Missing)?).ok_or(SignatureError::Malformed)?;
    let fits = secrets.iter().filter(|secret| !secret.expose().is_empty()).any(|secret| {
        // HMAC takes keys of every length: the error cannot happen.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
            return false;
        };
        mac.update(header.time_text.as_bytes());
        mac.update(b".");
        mac.update(raw);
        // `verify_slice` takes the same time wherever two signatures differ.
        header.signatures.iter().any(|v1| mac.clone().verify_slice(v1).is_ok())
    });
    if !fits {
        return Err(SignatureError::Mismatch);
    }
    match now.since_ms(header.time) {
        age if age > TOLERANCE_MS => Err(SignatureError::TooOld),
        age if age < -TOLERANCE_MS => Err(SignatureError::FromTheFuture),
        _ => Ok(()),
    }
}

struct Header<'a> {
    /// As it was signed.
    time_text: &'a str,
    time: Timestamp,
    signatures: Vec<[u8; MAC_BYTES]>,
}

fn parse(header: &str) -> Option<Header<'_>> {
    if header.len() > HEADER_BYTES_MAX {
        return None;
    }
    let mut time_text = None;
    let mut signatures = Vec::new();
    for item in header.split(',') {
        match item.trim().split_once('=')? {
            // Two times would leave open which of them was signed.
            ("t", _) if time_text.is_some() => return None,
            ("t", text) => time_text = Some(text),
            ("v1", _) if signatures.len() >= SIGNATURES_MAX => return None,
            // One that is not a signature cannot fit; another beside it may.
            ("v1", hex) => signatures.extend(decode_hex(hex)),
            _ => {}
        }
    }
    let time_text = time_text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let time = Timestamp::from_seconds(time_text.parse().ok()?);
    (!signatures.is_empty()).then_some(Header { time_text, time, signatures })
}

fn decode_hex(hex: &str) -> Option<[u8; MAC_BYTES]> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if pairs.len() != MAC_BYTES || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; MAC_BYTES];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

/// A header as Stripe would send it; for tests.
#[cfg(test)]
pub(crate) fn sign(raw: &[u8], secret: &str, time: Timestamp) -> String {
    let seconds = time.as_ms() / SECOND_MS;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(raw);
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

#[cfg(test)]
mod tests;
