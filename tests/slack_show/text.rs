//! Nothing from outside formats, mentions, links or hides.

use calltriage::chat::show::text::{Text, length, plain, short};
use calltriage::chat::slack::show::text::Mrkdwn;
use proptest::prelude::*;

fn outside(text: &str) -> String {
    Mrkdwn::outside(text).to_string()
}

#[test]
fn markup_stays_text() {
    for (typed, shown) in [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        (
            "*bold* _it_ ~no~",
            "\u{2217}bold\u{2217} \u{2cd}it\u{2cd} \u{223c}no\u{223c}",
        ),
        ("sip_code a*b", "sip_code a*b"),
        ("`code` ```x", "\u{2cb}code\u{2cb} \u{2cb}\u{2cb}\u{2cb}x"),
        ("> quote", "\u{203a} quote"),
        ("a > b", "a &gt; b"),
        (
            ":fire: at 09:10:02 on 203.0.113.9:5060",
            "\u{2236}fire: at 09:10:02 on 203.0.113.9:5060",
        ),
        ("::skin-tone-2: :100:", ":\u{2236}skin-tone-2: \u{2236}100:"),
        ("a\u{202e}b\u{200b}c\u{1b}[2Jd\ne\u{3164}f", "abc [2Jd ef"),
    ] {
        assert_eq!(outside(typed), shown, "{typed:?}");
    }
}

#[test]
fn code_is_what_it_was_but_for_backticks() {
    assert_eq!(Mrkdwn::code("a_b*c:x:~d").to_string(), "`a_b*c:x:~d`");
    assert_eq!(
        Mrkdwn::code("``<!here>``").to_string(),
        "`\u{2cb}\u{2cb}&lt;!here&gt;\u{2cb}\u{2cb}`"
    );
    assert_eq!(Mrkdwn::code("\u{200b}").to_string(), "(empty)");
}

#[test]
fn only_a_persons_id_mentions() {
    assert_eq!(Mrkdwn::person("U012AB").unwrap().to_string(), "<@U012AB>");
    for id in ["", "C012", "U1|x", "u1", "U1>", "!here"] {
        assert_eq!(Mrkdwn::person(id), None, "{id}");
    }
}

#[test]
fn sentences_are_whole() {
    let text = Mrkdwn::outside("One is so. Two is *not* so. Three");
    assert_eq!(text.whole_sentences(12).unwrap().to_string(), "One is so.");
    assert_eq!(text.whole_sentences(5), None);
    let code = Mrkdwn::ours("x · `a. b` · c");
    assert_eq!(code.whole_sentences(8).unwrap().to_string(), "x");
}

/// Texts that are likely to do harm.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[a-z0-9 .:]{0,6}",
        prop::sample::select(vec![
            "<!channel>",
            "<@U1>",
            "<#C1>",
            "<https://e.example|x>",
            "```",
            "`",
            "*",
            "_",
            "~",
            "&",
            "&lt;",
            ">",
            ":fire:",
            "\u{202e}",
            "\u{200b}",
            "\u{feff}",
            "\n",
            "\r",
            "\u{1b}[31m",
            "<!date^1^{date}|x>",
            "@here",
            "\u{e0041}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Whether the characters of markup that are left stand within words.
fn is_inert(text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let is_word = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(char::is_ascii_alphanumeric)
    };
    text.iter().enumerate().all(|(at, c)| match c {
        '*' | '_' | '~' => is_word(at.checked_sub(1)) && is_word(at.checked_add(1)),
        '`' | '<' | '>' | '\n' | '\r' => false,
        _ => true,
    })
}

proptest! {
    #[test]
    fn nothing_from_outside_is_markup(text in hostile()) {
        let shown = outside(&text);
        prop_assert!(is_inert(&shown), "{shown:?}");
        prop_assert!(!shown.starts_with("&gt;"));
        for entity in shown.split('&').skip(1) {
            prop_assert!(["amp;", "lt;", "gt;"].iter().any(|it| entity.starts_with(it)), "{shown:?}");
        }
        let hidden = |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        prop_assert!(!shown.contains(hidden));
        let bold = Mrkdwn::bold(&text).to_string();
        let stars = if bold.is_empty() { 0 } else { 2 };
        prop_assert_eq!(bold.matches('*').count(), stars);
    }

    #[test]
    fn nothing_leaves_a_code_span(text in hostile(), lines in prop::collection::vec(hostile(), 1..5)) {
        let code = Mrkdwn::code(&text).to_string();
        let inside = code.strip_prefix('`').and_then(|it| it.strip_suffix('`')).unwrap_or("");
        prop_assert!(!inside.contains(['`', '<', '>', '\n']));
        let drawing = Mrkdwn::drawing(&lines).to_string();
        let inside = drawing.strip_prefix("```\n").and_then(|it| it.strip_suffix("\n```")).unwrap();
        prop_assert!(!inside.contains(['`', '<', '>']));
        prop_assert_eq!(inside.split('\n').count(), lines.len());
    }

    #[test]
    fn plain_text_is_short(text in hostile(), most in 1..80_usize) {
        prop_assert!(length(&short(&text, most)) <= most);
        prop_assert!(!plain(&text).contains(['<', '>']));
    }
}

#[test]
fn an_address_is_a_link_only_where_nothing_of_it_is_markup() {
    let shown = |text| Text::address(text).map(|it| Mrkdwn::from(&it).to_string());
    let good = "https://docs.example/a_b?c=d&e=1";
    let link = "<https://docs.example/a_b?c=d&amp;e=1>";
    assert_eq!(shown(good).as_deref(), Some(link));
    for bad in [
        "javascript:alert(1)",
        "https://docs.example/|<@U012>",
        "https://docs.example/>*x*",
        "https://docs.example/a b",
        "docs.example",
        "",
    ] {
        assert_eq!(shown(bad), None, "{bad}");
    }
}
