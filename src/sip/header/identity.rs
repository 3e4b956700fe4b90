//! Identity and the PASSporT in it (RFC 8224, RFC 8225), decoded to be read. Verifies no signature
//! and keeps none: what a token claims is not thereby true.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use crate::sip::uri::{find_param, read_params};

/// RFC 7515 section 2 allows no padding; a token that has some can be read all the same.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One Identity header (RFC 8224 section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What the token holds.
    pub token: Token,
    /// Where the certificate is, from `info`; empty where it is not said.
    pub info: String,
    /// The signature's algorithm from `alg`, where it is said.
    pub alg: Option<String>,
    /// The PASSporT's kind from `ppt`, where it is said: `shaken`, `div`, `rph`.
    pub ppt: Option<String>,
}

/// The signed part of an Identity header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// The full form.
    Full(Box<Passport>),
    /// The compact form (RFC 8225 section 7): header and payload are left out, since they follow
    /// from the message.
    Compact,
    /// Neither can be read.
    Malformed(Malformed),
}

/// What is wrong with a token, the first fault of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// Not three parts with two dots; so is the plain digest of RFC 4474.
    NotThreeParts,
    /// The header is no base64url.
    HeaderEncoding,
    /// The header is no JSON object.
    HeaderJson,
    /// The payload is no base64url.
    PayloadEncoding,
    /// The payload is no JSON object.
    PayloadJson,
    /// There is no signature.
    NoSignature,
}

/// Who is meant by a claim (RFC 8225 section 5.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Party {
    /// `tn`: a telephone number.
    Number(String),
    /// `uri`: a URI.
    Uri(String),
}

impl Party {
    /// The number or the URI.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Party::Number(text) | Party::Uri(text) => text,
        }
    }
}

/// A PASSporT (RFC 8225): its header, then its claims. Its signature was not verified and is not
/// kept. What is missing in it is empty here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Passport {
    /// The algorithm, `ES256`.
    pub alg: String,
    /// The kind: `shaken` (RFC 8588), `div` (RFC 8946); empty for a plain one.
    pub ppt: String,
    /// `passport`.
    pub typ: String,
    /// Where the certificate is.
    pub x5u: String,
    /// When it was signed, in seconds since 1970.
    pub iat: Option<i64>,
    /// How well the signer knows the caller (RFC 8588 section 4): `A` fully, `B` the customer
    /// alone, `C` the gateway alone.
    pub attest: Option<String>,
    /// Where the call entered the signer's network, opaque (RFC 8588 section 5).
    pub origid: Option<String>,
    /// Who calls.
    pub orig: Vec<Party>,
    /// Who is called.
    pub dest: Vec<Party>,
    /// Who diverted the call (RFC 8946 section 3).
    pub div: Vec<Party>,
    /// The names of the other claims: `rcd`, `rph`, `mky`, `opt`.
    pub others: Vec<String>,
}

impl Identity {
    /// Reads `eyJ...;info=<https://cert.example/c.pem>;alg=ES256;ppt=shaken`.
    #[must_use]
    pub fn parse(value: &str) -> Identity {
        let (token, params) = value.split_once(';').unwrap_or((value, ""));
        let params = read_params(params);
        let find = |name: &str| {
            let value = find_param(&params, name)?.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        let info = find("info").unwrap_or_default();
        Identity {
            token: Token::parse(token),
            info: info.trim_matches(['<', '>']).to_owned(),
            alg: find("alg"),
            ppt: find("ppt"),
        }
    }

    /// What the token claims, where it is of the full form and can be read.
    #[must_use]
    pub fn passport(&self) -> Option<&Passport> {
        match &self.token {
            Token::Full(passport) => Some(passport),
            Token::Compact | Token::Malformed(_) => None,
        }
    }
}

impl Token {
    fn parse(text: &str) -> Token {
        // A folded line leaves white space within.
        let text: String = text.split_whitespace().collect();
        let parts: Vec<&str> = text.splitn(4, '.').collect();
        let [header, payload, signature] = parts.as_slice() else {
            return Token::Malformed(Malformed::NotThreeParts);
        };
        if signature.is_empty() {
            return Token::Malformed(Malformed::NoSignature);
        }
        if header.is_empty() && payload.is_empty() {
            return Token::Compact;
        }
        let header = match object(header, Malformed::HeaderEncoding, Malformed::HeaderJson) {
            Ok(header) => header,
            Err(fault) => return Token::Malformed(fault),
        };
        match object(payload, Malformed::PayloadEncoding, Malformed::PayloadJson) {
            Ok(payload) => Token::Full(Box::new(Passport::read(&header, &payload))),
            Err(fault) => Token::Malformed(fault),
        }
    }
}

fn object(
    text: &str,
    encoding: Malformed,
    json: Malformed,
) -> Result<Map<String, Value>, Malformed> {
    let bytes = BASE64URL.decode(text).map_err(|_| encoding)?;
    serde_json::from_slice(&bytes).map_err(|_| json)
}

/// The claims that are read by name.
const KNOWN: [&str; 6] = ["iat", "attest", "origid", "orig", "dest", "div"];

impl Passport {
    fn read(header: &Map<String, Value>, payload: &Map<String, Value>) -> Passport {
        let word = |from: &Map<String, Value>, name: &str| {
            from.get(name).and_then(Value::as_str).map(str::to_owned)
        };
        let parties = |name: &str| payload.get(name).map(parties).unwrap_or_default();
        Passport {
            alg: word(header, "alg").unwrap_or_default(),
            ppt: word(header, "ppt").unwrap_or_default(),
            typ: word(header, "typ").unwrap_or_default(),
            x5u: word(header, "x5u").unwrap_or_default(),
            iat: payload.get("iat").and_then(Value::as_i64),
            attest: word(payload, "attest"),
            origid: word(payload, "origid"),
            orig: parties("orig"),
            dest: parties("dest"),
            div: parties("div"),
            others: payload
                .keys()
                .filter(|name| !KNOWN.contains(&name.as_str()))
                .cloned()
                .collect(),
        }
    }
}

/// `{"tn": "1215..."}` of a caller, `{"tn": ["1215..."], "uri": ["sip:..."]}` of those called.
fn parties(claim: &Value) -> Vec<Party> {
    let read = |name: &str, party: fn(String) -> Party| {
        let values = match claim.get(name) {
            Some(Value::Array(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        values
            .iter()
            .filter_map(Value::as_str)
            .map(|text| party(text.to_owned()))
            .collect::<Vec<_>>()
    };
    let mut all = read("tn", Party::Number);
    all.extend(read("uri", Party::Uri));
    all
}
