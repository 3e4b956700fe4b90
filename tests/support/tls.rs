//! Writes the clear part of TLS handshakes. Shares no code with the reader that it tests.

pub const ALERT: u8 = 21;
pub const HANDSHAKE: u8 = 22;
pub const DATA: u8 = 23;

pub const TLS_1_2: u16 = 0x0303;
pub const TLS_1_3: u16 = 0x0304;

/// A value with that many bytes of length before it.
fn sized(bytes: usize, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap().to_be_bytes();
    [&length[4 - bytes..], value].concat()
}

pub fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3], &sized(2, payload)[..]].concat()
}

/// A handshake message.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &sized(3, body)[..]].concat()
}

pub fn alert(fatal: bool, description: u8) -> Vec<u8> {
    record(ALERT, &[if fatal { 2 } else { 1 }, description])
}

pub fn change_cipher() -> Vec<u8> {
    record(20, &[1])
}

/// Encrypted bytes.
pub fn data(length: usize) -> Vec<u8> {
    record(DATA, &vec![0xa5; length])
}

fn extension(kind: u16, value: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), &sized(2, value)[..]].concat()
}

pub fn client_hello(name: Option<&str>, versions: &[u16], protocols: &[&str]) -> Vec<u8> {
    let mut extensions = extension(0x0a0a, &[]);
    if let Some(name) = name {
        let entry = [&[0], &sized(2, name.as_bytes())[..]].concat();
        extensions.extend(extension(0, &sized(2, &entry)));
    }
    if !protocols.is_empty() {
        let list: Vec<u8> = protocols
            .iter()
            .flat_map(|it| sized(1, it.as_bytes()))
            .collect();
        extensions.extend(extension(16, &sized(2, &list)));
    }
    if !versions.is_empty() {
        let list: Vec<u8> = versions.iter().flat_map(|it| it.to_be_bytes()).collect();
        extensions.extend(extension(43, &sized(1, &list)));
    }
    let body = [
        &[3, 3][..],
        &[0x11; 32],
        &sized(1, &[0x22; 32]),
        &sized(2, &[0x13, 0x01, 0xc0, 0x2f]),
        &sized(1, &[0]),
        &sized(2, &extensions),
    ]
    .concat();
    message(1, &body)
}

pub fn server_hello(version: u16) -> Vec<u8> {
    let legacy = version.min(TLS_1_2).to_be_bytes();
    let mut body = [&legacy[..], &[0x33; 32], &sized(1, &[]), &[0x13, 0x01, 0]].concat();
    if version == TLS_1_3 {
        body.extend(sized(2, &extension(43, &version.to_be_bytes())));
    }
    message(2, &body)
}

/// An element of DER.
pub fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = match value.len() {
        short @ 0..128 => vec![u8::try_from(short).unwrap()],
        long @ 128..256 => vec![0x81, u8::try_from(long).unwrap()],
        longer => [&[0x82][..], &u16::try_from(longer).unwrap().to_be_bytes()].concat(),
    };
    [&[tag], &length[..], &value].concat()
}

/// A Certificate message with one certificate, of which the issuer has a name too.
pub fn certificate(common_name: &str, names: &[(u8, &str)]) -> Vec<u8> {
    let name = |text: &str| {
        let pair = |object: &[u8], text: &str| {
            let pair = der(0x30, &[&der(6, &[object]), &der(0x0c, &[text.as_bytes()])]);
            der(0x31, &[&pair])
        };
        let organisation = pair(&[0x55, 4, 10], "Example Ltd");
        der(0x30, &[&organisation, &pair(&[0x55, 4, 3], text)])
    };
    let algorithm = der(
        0x30,
        &[&der(6, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]])],
    );
    let time = der(0x17, &[b"260101000000Z"]);
    let key = der(0x30, &[&algorithm, &der(3, &[&[0; 66]])]);
    let list: Vec<u8> = names
        .iter()
        .flat_map(|(tag, text)| der(*tag, &[text.as_bytes()]))
        .collect();
    let octets = der(4, &[&der(0x30, &[&list])]);
    let usage = der(
        0x30,
        &[
            &der(6, &[&[0x55, 0x1d, 0x0f]]),
            &der(1, &[&[0xff]]),
            &der(4, &[&[3, 2, 5, 0xa0]]),
        ],
    );
    let alternatives = der(0x30, &[&der(6, &[&[0x55, 0x1d, 0x11]]), &octets]);
    let body = der(
        0x30,
        &[
            &der(0xa0, &[&der(2, &[&[2]])]),
            &der(2, &[&[0x77; 16]]),
            &algorithm,
            &name("Example Root"),
            &der(0x30, &[&time, &time]),
            &name(common_name),
            &key,
            &der(0xa3, &[&der(0x30, &[&usage, &alternatives])]),
        ],
    );
    let whole = der(0x30, &[&body, &algorithm, &der(3, &[&[0; 71]])]);
    message(11, &sized(3, &sized(3, &whole)))
}
