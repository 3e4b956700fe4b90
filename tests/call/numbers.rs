//! Phone numbers in the writings of several countries, with and without a home.

use calltriage::call::{Destination, Reading, Term, country_called, country_of, parse};

use super::{check_all, check_in, context};

#[test]
fn writings() {
    check_all(&[
        ("+44 1632 960 123", "+441632960123"),
        ("+441632960123", "+441632960123"),
        ("0044 1632 960123", "+441632960123"),
        ("(01632) 960-123", "+441632960123"),
        ("01632 960123", "+441632960123"),
        ("01632.960.123", "+441632960123"),
        ("+44 (0)1632 960123", "+441632960123"),
        ("+44 (0) 1632 960123", "+441632960123"),
        ("tel:+44-1632-960123", "+441632960123"),
        (
            "tel:+441632960123;phone-context=example.com",
            "+441632960123",
        ),
        ("sip:441632960123@192.0.2.1;user=phone", "+441632960123"),
        ("sip:+441632960123@192.0.2.1:5060", "+441632960123"),
        ("441632960123", "+441632960123"),
        ("441782454123", "+441782454123"),
        ("+44 1782 454123", "+441782454123"),
        ("12125550100", "+12125550100"),
        ("+16823074942", "+16823074942"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("+1-202-555-0123", "+12025550123"),
        ("020 7946 0123", "+442079460123"),
        ("123*441632960123", "123*+441632960123"),
        ("#9441632960123", "#9+441632960123"),
        ("#9+441632960123", "#9+441632960123"),
        ("123*123456789", "digits:123*123456789"),
        ("to=441632960123", "+441632960123"),
        ("tel:911", "digits:911"),
        ("+999 12345678", "digits:99912345678"),
    ]);
}

#[test]
fn several() {
    check_all(&[
        (
            "+44 1632 960 123 and +442079460123",
            "+441632960123 +442079460123",
        ),
        ("441632960123 441632960124", "+441632960123 +441632960124"),
        ("01632 960123 01632 960124", "+441632960123 +441632960124"),
        (
            "+44 1632 960123 +44 1632 960124",
            "+441632960123 +441632960124",
        ),
        (
            "441632960123, 203.0.113.9 and 70634039@192.168.0.204",
            "+441632960123 203.0.113.9 70634039@192.168.0.204",
        ),
        (
            "441632960123\n441632960124\n441632960125",
            "+441632960123 +441632960124 +441632960125",
        ),
        ("calls 441632960123 503", "+441632960123 code:503"),
        (
            "960123 2026-02-16",
            "digits:960123 from 2026-02-15T23:00:00Z to 2026-02-16T12:00:00Z",
        ),
        ("+44 203.0.113.9", "203.0.113.9 prefix:44"),
    ]);
}

#[test]
fn homes() {
    let mut america = context();
    america.home_country = Some("US".to_owned());
    check_in(&america, "(202) 555-0123", "+12025550123");
    check_in(&america, "202-555-0123", "+12025550123");
    check_in(&america, "202 555 0123", "+12025550123");
    check_in(&america, "1 202 555 0123", "+12025550123");
    check_in(&america, "011 44 1632 960123", "+441632960123");
    check_in(&america, "44 1632 960123", "+441632960123");
    let mut nowhere = context();
    nowhere.home_country = None;
    check_in(&nowhere, "01632 960123", "digits:01632960123");
    check_in(&nowhere, "(202) 555-0123", "digits:2025550123");
    check_in(&nowhere, "441632960123", "+441632960123");
    check_in(&nowhere, "960123", "digits:960123");
}

#[test]
fn the_writing_is_kept() {
    let Reading::Query(query) = parse("please check (01632) 960-123", &context()) else {
        panic!("not a query");
    };
    let [Term::Number(number)] = query.terms.as_slice() else {
        panic!("not one number: {:?}", query.terms);
    };
    assert_eq!(number.as_typed, "(01632) 960-123");
    assert_eq!(number.calling_code, Some(44));
}

#[test]
fn destinations_cover_their_numbers() {
    let country = |name| Destination::Country(country_called(name).unwrap());
    assert!(Destination::Prefix("4420".to_owned()).covers("442079460123"));
    assert!(country("UK").covers("442079460123"));
    // The plan does not know this block; it still lies in the country that the code means.
    assert!(country("UK").covers("441632960123"));
    assert!(!country("Jersey").covers("442079460123"));
    assert!(country("United States").covers("12025550123"));
    assert!(!country("Canada").covers("12025550123"));
    assert!(!country("Germany").covers("442079460123"));
    let kind = |kind| Destination::Kind {
        country: country_of("GB").unwrap(),
        kind,
    };
    assert!(kind(calltriage::call::Kind::Fixed).covers("442079460123"));
    assert!(!kind(calltriage::call::Kind::Mobile).covers("442079460123"));
    assert_eq!(country_of("gb").unwrap().name(), "United Kingdom");
}
