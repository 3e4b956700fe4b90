//! The path and the parameters of a request, decoded as strictly as the standard allows (RFC 3986
//! section 2.1), so that a client that encodes carelessly is found out.

/// The parameters of a query string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Asked(Vec<(String, String)>);

impl Asked {
    /// Decodes a query string; a plus is a space, as in every form.
    pub(super) fn of(query: &str) -> Result<Asked, String> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let decode = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name, true)?, decoded(value, true)?))
        };
        pairs.map(decode).collect::<Result<_, String>>().map(Asked)
    }

    /// The value of a parameter, empty where it stands there without one.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there and not be empty.
    pub(super) fn needed(&self, name: &str) -> Result<&str, String> {
        let value = self.get(name).map(str::trim);
        value
            .filter(|value| !value.is_empty())
            .ok_or_else(|| format!("{name}: missing"))
    }

    /// The value of a parameter that has one.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// A number, or what it is where it is not given.
    pub(super) fn number(&self, name: &str, otherwise: usize) -> Result<usize, String> {
        self.given(name).map_or(Ok(otherwise), |value| {
            value.parse().map_err(|_| format!("{name}: a number"))
        })
    }
}

/// Undoes percent-encoding. Refuses what a URI cannot hold unencoded.
pub(super) fn decoded(text: &str, is_form: bool) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let value = digit().zip(digit()).map(|(high, low)| high * 16 + low);
                let value = value.and_then(|value| u8::try_from(value).ok());
                bytes.push(value.ok_or("a percent sign without two hex digits")?);
            }
            b'+' if is_form => bytes.push(b' '),
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0..=b' ' | 127.. => {
                return Err("a character that must be percent-encoded".to_owned());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| "percent-encoded bytes that are no UTF-8".to_owned())
}
