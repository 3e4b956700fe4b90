//! The alerts of TLS by name and in words. Judges none of them.

/// An alert's description: its number, its name, and what it means.
type Named = (u8, &'static str, &'static str);

/// RFC 8446 section 6, with those that only older versions send (RFC 5246 section 7.2).
const ALERTS: &[Named] = &[
    (0, "close_notify", "the connection is closed"),
    (10, "unexpected_message", "a message out of turn"),
    (
        20,
        "bad_record_mac",
        "a damaged or wrongly encrypted record",
    ),
    (21, "decryption_failed", "a record that cannot be decrypted"),
    (22, "record_overflow", "a record that is too long"),
    (
        30,
        "decompression_failure",
        "a record that cannot be unpacked",
    ),
    (40, "handshake_failure", "no cipher or parameter in common"),
    (41, "no_certificate", "no certificate to give"),
    (42, "bad_certificate", "a bad certificate"),
    (
        43,
        "unsupported_certificate",
        "a certificate of an unsupported kind",
    ),
    (44, "certificate_revoked", "a revoked certificate"),
    (45, "certificate_expired", "an expired certificate"),
    (
        46,
        "certificate_unknown",
        "a certificate that is not accepted",
    ),
    (47, "illegal_parameter", "a parameter that cannot be"),
    (48, "unknown_ca", "a certificate of an unknown authority"),
    (49, "access_denied", "access denied"),
    (50, "decode_error", "a message that cannot be read"),
    (51, "decrypt_error", "a signature or key that does not fit"),
    (60, "export_restriction", "a key of a forbidden length"),
    (70, "protocol_version", "no TLS version in common"),
    (71, "insufficient_security", "ciphers that are too weak"),
    (80, "internal_error", "an internal error"),
    (
        86,
        "inappropriate_fallback",
        "a needless step down to an older version",
    ),
    (90, "user_canceled", "the handshake is given up"),
    (100, "no_renegotiation", "no renegotiation"),
    (109, "missing_extension", "a missing extension"),
    (110, "unsupported_extension", "an unsupported extension"),
    (
        111,
        "certificate_unobtainable",
        "a certificate that cannot be had",
    ),
    (112, "unrecognized_name", "a server name that is not known"),
    (
        113,
        "bad_certificate_status_response",
        "a bad certificate status",
    ),
    (
        114,
        "bad_certificate_hash_value",
        "a certificate with another hash",
    ),
    (115, "unknown_psk_identity", "an unknown shared key"),
    (
        116,
        "certificate_required",
        "no certificate from the client",
    ),
    (
        120,
        "no_application_protocol",
        "no application protocol in common",
    ),
];

fn named(description: u8) -> Option<&'static Named> {
    ALERTS.iter().find(|(number, ..)| *number == description)
}

/// The name of an alert's description, as in `unknown_ca`; `None` where no RFC gives it one.
#[must_use]
pub fn alert_name(description: u8) -> Option<&'static str> {
    named(description).map(|(_, name, _)| *name)
}

/// What an alert's description means, in a few words that can follow "because of".
#[must_use]
pub fn alert_words(description: u8) -> Option<&'static str> {
    named(description).map(|(.., words)| *words)
}
