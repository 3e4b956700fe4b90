//! Text from strangers, made safe to draw.

use calltriage::render::clean;

#[test]
fn a_line_has_no_control_characters_and_hides_nothing() {
    assert_eq!(
        clean::line(" a\r\n\tb\u{1b}[31m c\u{7f}\u{9b}"),
        "a b [31m c"
    );
    assert_eq!(clean::line("abc\u{202e}\u{200b}def\u{feff}"), "abcdef");
    assert_eq!(clean::line("名前 é"), "名前 é");
}

#[test]
fn a_drawing_takes_characters_of_one_column_only() {
    assert_eq!(clean::columns("`名` é ключ 😀"), "'?' é ключ ?");
}

#[test]
fn what_is_too_long_is_cut_visibly() {
    assert_eq!(clean::cut("abcdef", 6), "abcdef");
    assert_eq!(clean::cut("abcdef", 4), "abc…");
    assert_eq!(clean::cut("abcdef", 0), "");
    assert_eq!(clean::cut_middle("2001:db8::1234", 9), "2001…1234");
    assert_eq!(clean::cut_middle("abcdef", 1), "…");
    assert_eq!(clean::cut_middle("abcdef", 0), "");
}
