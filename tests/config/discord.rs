//! `[discord]`, and channels of chats in which the program is not.

use calltriage::config::DiscordWayIn;

use super::parse;

const KEY: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

fn problem(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn the_gateway_is_the_way_in_unless_told_otherwise() {
    let text = "[discord]\ntoken = { value = \"t\" }\napplication_id = 1088506190374604890\nservers = [\"7\"]\n";
    let discord = parse(text).unwrap().discord.unwrap();
    assert_eq!(discord.way_in, DiscordWayIn::Gateway);
    assert_eq!(discord.application_id, 1_088_506_190_374_604_890);
    assert_eq!(
        (discord.servers, discord.staff_roles),
        (vec![7], Vec::new())
    );
    assert!(parse("").unwrap().discord.is_none());
}

#[test]
fn http_needs_the_public_key() {
    let text = "[discord]\ntoken = { value = \"t\" }\napplication_id = 1\nmode = \"http\"\n";
    assert!(problem(text).contains("public_key"));
    let good = format!("{text}public_key = \"{KEY}\"\n");
    let way_in = parse(&good).unwrap().discord.unwrap().way_in;
    assert!(matches!(way_in, DiscordWayIn::Http(key) if key.0[0] == 0x3d && key.0[31] == 0x0c));
    for wrong in [&KEY[1..], "zz", "é"] {
        let text = format!("{text}public_key = \"{wrong}\"\n");
        assert!(problem(&text).contains("64 hexadecimal digits"));
    }
}

#[test]
fn another_address_stands_only_on_this_machine() {
    let text = "[discord]\ntoken = { value = \"t\" }\napplication_id = 1\n";
    for good in ["https://discord.com", "http://127.0.0.1:8090"] {
        assert!(parse(&format!("{text}api_url = \"{good}\"\n")).is_ok());
    }
    for wrong in ["https://discord.example", "http://198.51.100.1"] {
        assert!(problem(&format!("{text}api_url = \"{wrong}\"\n")).contains("api_url"));
    }
}

#[test]
fn a_channel_of_a_chat_in_which_the_program_is_not_is_refused() {
    for (chat, id) in [("discord", "7"), ("slack", "C1")] {
        let watch = format!(
            "[[watches]]\nname = \"all\"\nwhen = \"asr < 50%\"\nchannel = \"{chat}:{id}\"\n"
        );
        let said = problem(&watch);
        assert!(
            said.contains(&format!("there is no section [{chat}]")),
            "{said}"
        );
    }
    let terminal =
        "[[watches]]\nname = \"all\"\nwhen = \"asr < 50%\"\nchannel = \"terminal:log\"\n";
    assert!(parse(terminal).is_ok());
}
