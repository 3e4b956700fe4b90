//! What the chat gives out besides verdicts: who is behind something, figures, how things stand, captures.

use calltriage::demo::World;
use jiff::Timestamp;

use super::Desk;
use crate::support::connexcs;

/// What a chat over these lines answers, as text.
fn chat(desk: &Desk, args: &[&str], lines: &str) -> String {
    let done = desk.say(&[args, &["chat"]].concat(), lines);
    done.out + &done.err
}

#[test]
fn figures_of_all_calls() {
    let desk = Desk::new();
    insta::assert_snapshot!(chat(&desk, &[], "stats\n"), @r"
    All calls
      Attempts                      12
      Answered                      6
      ASR (answered of all, E.425)  50 %
      NER (E.425)                   67 %: all but the 4 that were lost on the way
      Seen                          2026-11-23 02:53 to 2026-11-23 02:54 UTC
      Codes                         503 2×, 404 1×, 407 1×, 486 1×, 487 1×
      Carriers                      203.0.113.9 11×, 203.0.113.19 1×
      Customers                     198.51.100.10 12×
      Destinations                  United Kingdom 12×
    ");
}

#[test]
fn an_unknown_customer_is_said_to_be_unknown() {
    let desk = Desk::new();
    insta::assert_snapshot!(chat(&desk, &[], "stats customer #12\nwhois #12\n"), @r"
    customer #12
      Attempts  0
    No customer called #12 is configured: add it to [[peers]] with its addresses.
    #12
    No platform is configured: nothing but the configured names was looked at.
    ");
}

#[test]
fn a_capture_stands_in_the_folder_and_no_file_is_overwritten() {
    let desk = Desk::new();
    let said = chat(&desk, &[], "busy-1@198.51.100.10\npcap\n");
    assert!(
        said.contains("8 messages as busy-1-198-51-100-10.pcap"),
        "{said}"
    );
    let written = std::fs::read(desk.path("busy-1-198-51-100-10.pcap")).unwrap();
    assert_eq!(written.get(..4), Some(&0xa1b2_3c4d_u32.to_le_bytes()[..]));
    std::fs::write(desk.path("busy-1-198-51-100-10.pcap"), "mine").unwrap();
    chat(&desk, &[], "pcap busy-1@198.51.100.10\n");
    assert_eq!(
        std::fs::read(desk.path("busy-1-198-51-100-10.pcap")).unwrap(),
        b"mine"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platforms_books_are_read() {
    let now: Timestamp = Timestamp::now();
    let platform = connexcs::Fake::of(World::of_examples(now)).await;
    let desk = Desk::new();
    desk.file("calltriage.toml", format!(
        "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n\
         [sources.limits]\nspacing = \"1ms\"\n",
        platform.base_url()
    ));
    let lines = "whois 198.51.100.10\nwhois #105\nwhois 442079460018 customer #12\nwhois nobody\n\
                 whois busy-1@198.51.100.10\n";
    let said =
        tokio::task::spawn_blocking(move || chat(&desk, &["--config", "calltriage.toml"], lines))
            .await
            .unwrap();
    insta::assert_snapshot!(said, @r"
    198.51.100.10
      IP entry    198.51.100.10
      Customer    Acme (#12)
      Status      Active
      Addresses   198.51.100.10
      SIP users   441632960115
      Rate cards  GjjS-E0FO
    #105
      Carrier  ExampleTel (#105)
      Status   Active
    442079460018 customer #12
      Number                           442079460018
      Country                          United Kingdom
      Customer                         Acme (#12)
      Status                           Active
      Addresses                        198.51.100.10
      SIP users                        441632960115
      Rate cards                       GjjS-E0FO
      Rate card GjjS-E0FO, revision 3  44 United Kingdom
    nobody
    Nobody of that name, number or address is known.
    busy-1@198.51.100.10
      Customer    Acme (#12)
      Status      Active
      Addresses   198.51.100.10
      SIP users   441632960115
      Rate cards  GjjS-E0FO
      Carrier     ExampleTel (#105)
      Status      Active
    ");
}
