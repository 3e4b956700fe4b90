//! The names in a certificate (RFC 5280): as much of DER as leads to them. Verifies nothing.

/// More names than this are not kept, nor more bytes of them: certificates of content networks have
/// hundreds.
const MOST_NAMES: usize = 100;
const MOST_BYTES: usize = 4096;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT: u8 = 0x06;
const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
const BMP: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0]` around the version, `[3]` around the extensions.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// `[2]` and `[6]` in a list of alternative names.
const DNS_NAME: u8 = 0x82;
const URI: u8 = 0x86;

/// 2.5.4.3 and 2.5.29.17.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// The names of the first certificate in the body of a Certificate message (RFC 5246 section
/// 7.4.2): the subject's common name, then the alternative names that are of the DNS, or domains of
/// SIP (RFC 5922 section 7.1). Each once.
#[must_use]
pub fn certificate_names(body: &[u8]) -> Vec<String> {
    let mut names = Names::default();
    // Where it is damaged, what was found before stays.
    let _ = first_certificate(body).and_then(|der| names.certificate(der));
    names.list
}

fn first_certificate(body: &[u8]) -> Option<&[u8]> {
    // The length of the list, then that of the first one, three bytes each.
    let rest = body.get(3..)?;
    let (&[a, b, c], rest) = rest.split_first_chunk()?;
    let length = u32::from_be_bytes([0, a, b, c]);
    rest.get(..usize::try_from(length).ok()?)
}

#[derive(Default)]
struct Names {
    list: Vec<String>,
    bytes: usize,
}

impl Names {
    fn certificate(&mut self, der: &[u8]) -> Option<()> {
        let (certificate, _) = value(der, SEQUENCE)?;
        let (mut rest, _) = value(certificate, SEQUENCE)?;
        if let Some((_, behind)) = value(rest, VERSION) {
            rest = behind;
        }
        let (_serial, rest) = value(rest, INTEGER)?;
        let (_algorithm, rest) = value(rest, SEQUENCE)?;
        let (_issuer, rest) = value(rest, SEQUENCE)?;
        let (_validity, rest) = value(rest, SEQUENCE)?;
        let (subject, rest) = value(rest, SEQUENCE)?;
        self.subject(subject);
        let (_key, mut rest) = value(rest, SEQUENCE)?;
        // Unique identifiers, which nobody uses, may stand before the extensions.
        while let Some((tag, found, behind)) = element(rest) {
            if tag == EXTENSIONS {
                self.extensions(value(found, SEQUENCE)?.0);
            }
            rest = behind;
        }
        Some(())
    }

    fn subject(&mut self, mut rest: &[u8]) {
        while let Some((set, behind)) = value(rest, SET) {
            let named = value(set, SEQUENCE).and_then(|(pair, _)| value(pair, OBJECT));
            if let Some((COMMON_NAME, text)) = named
                && let Some((tag, text, _)) = element(text)
            {
                self.add(text_of(tag, text));
            }
            rest = behind;
        }
    }

    fn extensions(&mut self, mut rest: &[u8]) {
        while let Some((extension, behind)) = value(rest, SEQUENCE) {
            if let Some((SUBJECT_ALT_NAME, content)) = value(extension, OBJECT) {
                self.alternatives(content);
            }
            rest = behind;
        }
    }

    fn alternatives(&mut self, content: &[u8]) {
        // Whether it is critical may stand before it.
        let octets = match element(content) {
            Some((OCTET_STRING, octets, _)) => Some(octets),
            Some((_, _, behind)) => value(behind, OCTET_STRING).map(|(octets, _)| octets),
            None => None,
        };
        let mut rest = octets
            .and_then(|octets| value(octets, SEQUENCE))
            .map_or(&[][..], |(list, _)| list);
        while let Some((tag, name, behind)) = element(rest) {
            match tag {
                DNS_NAME => self.add(text_of(IA5, name)),
                URI => self.add(text_of(IA5, name).as_deref().and_then(sip_domain)),
                _ => {}
            }
            rest = behind;
        }
    }

    fn add(&mut self, name: Option<String>) {
        let Some(name) = name else { return };
        if !self.list.contains(&name)
            && self.list.len() < MOST_NAMES
            && self.bytes + name.len() <= MOST_BYTES
        {
            self.bytes += name.len();
            self.list.push(name);
        }
    }
}

/// The domain that a SIP URI without a user names.
fn sip_domain(uri: &str) -> Option<String> {
    let (scheme, domain) = uri.split_once(':')?;
    let sip = scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips");
    (sip && !domain.contains('@')).then(|| domain.to_owned())
}

fn text_of(tag: u8, bytes: &[u8]) -> Option<String> {
    let text = match tag {
        UTF8 | PRINTABLE | IA5 | TELETEX => std::str::from_utf8(bytes).ok()?.to_owned(),
        BMP => {
            let units = bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk());
            let units: Vec<u16> = units.copied().map(u16::from_be_bytes).collect();
            String::from_utf16(&units).ok()?
        }
        _ => return None,
    };
    (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
}

/// The value of the element that stands first, where it has this tag, and what follows it.
fn value(bytes: &[u8], expected: u8) -> Option<(&[u8], &[u8])> {
    let (tag, value, rest) = element(bytes)?;
    (tag == expected).then_some((value, rest))
}

/// Tag, value and what follows: X.690, section 8.1, with tags of one byte and definite lengths.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((tag, value, rest))
}
