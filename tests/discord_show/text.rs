//! Text from outside is shown as it is: it formats, mentions, links and hides nothing.

use calltriage::chat::discord::show::text::Markdown;
use calltriage::chat::show::text::Text;
use proptest::prelude::*;

fn outside(text: &str) -> String {
    Markdown::outside(text).to_string()
}

#[test]
fn what_would_be_markup_is_escaped() {
    for (text, shown) in [
        ("**b** _i_ ~~s~~ `c`", r"\*\*b\*\* \_i\_ \~\~s\~\~ \`c\`"),
        ("||spoiler||", r"\|\|spoiler\|\|"),
        (
            "@everyone <@1> <#2> <@&3>",
            r"\@everyone \<\@1\> \<\#2\> \<\@&3\>",
        ),
        (
            "[text](https://evil.example)",
            r"\[text\]\(https\://evil.example\)",
        ),
        ("# head", r"\# head"),
        ("> quote", r"\> quote"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("a :fire: b", r"a \:fire: b"),
        ("<t:1:R>", r"\<t\:1:R\>"),
        (r"a\b", r"a\\b"),
        ("two\nlines\u{202e}x", "two linesx"),
        ("12:30:05 ok", r"12\:30:05 ok"),
    ] {
        let made = outside(text);
        assert_eq!(made, shown, "{text}");
    }
}

#[test]
fn ids_stand_as_they_are_in_code() {
    let code = |text: &str| Markdown::code(text).to_string();
    assert_eq!(code("a_b*c@1.2.3.4"), "`a_b*c@1.2.3.4`");
    assert_eq!(code("a`b"), "`a\u{2cb}b`");
    assert_eq!(code(""), "(empty)");
}

#[test]
fn a_person_is_mentioned_by_an_id_alone() {
    let person = |id: &str| Markdown::from(&Text::person(id)).to_string();
    assert_eq!(person("1088000000000000201"), "<@1088000000000000201>");
    assert_eq!(person("1> @everyone"), "`1> @everyone`");
}

proptest! {
    #[test]
    fn nothing_from_outside_is_markup(text in "[-a-c0-9@#<>|*_~`:/.()\\[\\]\\\\ \n]{0,40}") {
        let made = outside(&text);
        let mut chars = made.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => prop_assert!(chars.next().is_some_and(|it| !it.is_alphanumeric()), "{made}"),
                c => prop_assert!(!"*_~`|<>[]()#@".contains(c), "{made}"),
            }
        }
        prop_assert_eq!(made.matches("://").count(), made.matches("\\://").count());
    }

    #[test]
    fn a_part_ends_what_it_begins(text in "[-a-c. ;·`*]{0,80}", most in 1..60_usize) {
        let whole = Markdown::from(&Text::bold(&text).and(&Text::ours(". ")).and(&Text::code(&text)));
        if let Some(head) = whole.whole_sentences(most) {
            prop_assert!(head.length() <= most);
            // An escaped one is none.
            let head = head.to_string().replace("\\`", "");
            prop_assert!(head.matches('`').count().is_multiple_of(2));
        }
    }
}
