//! Which peer an address belongs to.

use super::parse;

#[test]
fn the_smallest_block_counts() {
    let config = parse(
        r#"
        [[peers]]
        name = "Wide"
        kind = "carrier"
        addresses = ["192.0.2.0/24", "2001:db8::/32"]
        [[peers]]
        name = "Narrow"
        kind = "customer"
        addresses = ["192.0.2.128/25", "192.0.2.7", "2001:db8:1::/48"]
        [[peers]]
        name = "Rest"
        kind = "platform"
        addresses = ["0.0.0.0/0"]
        "#,
    )
    .unwrap();
    let check = |address: &str, expected: Option<&str>| {
        let peer = config.peers.of(address.parse().unwrap());
        assert_eq!(peer.map(|peer| peer.name.as_str()), expected, "{address}");
    };
    check("192.0.2.1", Some("Wide"));
    check("192.0.2.7", Some("Narrow"));
    check("192.0.2.128", Some("Narrow"));
    check("192.0.2.255", Some("Narrow"));
    check("198.51.100.1", Some("Rest"));
    check("::ffff:192.0.2.7", Some("Narrow"));
    check("2001:db8::1", Some("Wide"));
    check("2001:db8:1:ffff::1", Some("Narrow"));
    check("2001:db9::1", None);
}
