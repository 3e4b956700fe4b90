//! What is offered to who types: customers and carriers of the platform too, to those who may see all of what they ask.

use calltriage::demo::{Behaviour, Endpoint, World};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::talk::first_answer;
use super::{BUSY, Bot, OURS, in_discord};
use crate::support::connexcs;
use crate::support::discord::{ANN, BEN, Fake, LOBBY, NOC, VISITOR};

/// A server with the bot, which asks a platform.
async fn over_a_platform(more: &str) -> (Fake, Bot, connexcs::Fake) {
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    let settings = format!(
        "{more}\n[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\n\
         token = {{ value = \"demo\" }}\n[sources.limits]\nspacing = \"1ms\"\nburst = 100\nback_off = \"1ms\"\n",
        platform.base_url()
    );
    let (fake, bot) = in_discord(OURS, &settings).await;
    (fake, bot, platform)
}

/// The values that are offered to somebody who types this as what a command is about.
async fn offered(fake: &Fake, who: u64, channel: u64, verb: &str, so_far: &str) -> Vec<String> {
    let option = match verb {
        "whois" => "who",
        "watch" => "scope-condition",
        "explain" => "rule-code-or-text",
        "diagnose" => "call",
        _ => "scope",
    };
    let typed = fake.user(who).types(channel, verb, option, so_far);
    let choices = first_answer(fake, typed).await["data"]["choices"].clone();
    let value = |it: &Value| it["value"].as_str().unwrap().to_owned();
    choices.as_array().unwrap().iter().map(value).collect()
}

#[tokio::test]
async fn customers_and_carriers_of_the_platform_are_offered_and_what_is_chosen_is_understood() {
    let (fake, _bot, _platform) = over_a_platform("").await;
    for verb in ["stats", "calls", "whois", "watch"] {
        assert_eq!(
            offered(&fake, ANN, NOC, verb, "beisp").await,
            ["customer:#13"]
        );
        assert_eq!(
            offered(&fake, ANN, NOC, verb, "customer beispiel g").await,
            ["customer:#13"]
        );
        assert_eq!(
            offered(&fake, ANN, NOC, verb, "carrier mus").await,
            ["carrier:#106"]
        );
    }
    // Where nothing is about customers none are offered.
    assert!(
        offered(&fake, ANN, NOC, "diagnose", "beisp")
            .await
            .is_empty()
    );
    let ann = fake.user(ANN);
    ann.slash(NOC, "whois", &[("who", json!("customer:#13"))]);
    fake.answer(NOC, "Beispiel GmbH (#13)").await;
    let watch = [(
        "scope-condition",
        json!("carrier:#106 failures >= 10 in 5m"),
    )];
    ann.slash(NOC, "watch", &watch);
    fake.answer(NOC, "carrier:106").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn who_is_configured_is_offered_once() {
    let peers = "[[peers]]\nname = \"Beispiel GmbH\"\nkind = \"customer\"\naddresses = [\"192.0.2.0/24\"]\n\
                 [[peers]]\nname = \"Beispieltel\"\nkind = \"carrier\"\naddresses = [\"198.51.100.0/24\"]\n";
    let (fake, _bot, _platform) = over_a_platform(peers).await;
    let mut all = offered(&fake, ANN, NOC, "stats", "beisp").await;
    all.sort();
    assert_eq!(all, ["carrier:Beispieltel", "customer:#13"]);
    fake.nothing_refused();
}

#[tokio::test]
async fn outsiders_and_who_is_not_permitted_are_offered_nothing_and_no_platform_is_asked() {
    let rules = format!(
        "[permissions]\nrules = [{{ subjects = [\"discord:user:{ANN}\"], commands = [\"*\"] }}, \
         {{ subjects = [\"discord:user:{BEN}\"], commands = [\"stats\", \"history\"], customers = [13] }}]\n"
    );
    let (fake, _bot, platform) = over_a_platform(&rules).await;
    let asked = || {
        let seen = platform.platform.seen();
        seen.of(Endpoint::Customers).len() + seen.of(Endpoint::Carriers).len()
    };
    let before = asked();
    for (who, channel) in [(VISITOR, LOBBY), (ANN, LOBBY), (BEN, NOC)] {
        let all = offered(&fake, who, channel, "stats", "beisp").await;
        assert!(all.is_empty(), "{who} in {channel}: {all:?}");
    }
    assert!(
        offered(&fake, VISITOR, LOBBY, "explain", "missing")
            .await
            .is_empty()
    );
    assert_eq!(asked(), before);
    assert_eq!(
        offered(&fake, ANN, NOC, "stats", "beisp").await,
        ["customer:#13"]
    );
    fake.nothing_refused();
}

#[tokio::test]
async fn a_platform_that_does_not_answer_keeps_nobody_from_what_is_known_here() {
    let (fake, _bot, platform) = over_a_platform("").await;
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    fake.answer(NOC, "486").await;
    platform.always(Endpoint::Customers, Behaviour::Hang);
    assert_eq!(offered(&fake, ANN, NOC, "whois", "busy").await, [BUSY]);
    fake.nothing_refused();
}
