//! Ladders as pictures: bounded, whole, readable, and nobody's markup but ours.

use calltriage::diagnosis::{Case, Peers};
use calltriage::render::ladder::{Theme, svg};
use calltriage::render::picture::png;

use super::scenes;
use crate::support::trace::call;

fn picture(written: &str, marked: &[usize], theme: Theme) -> String {
    let call = call(written);
    svg(&Case::new(&call, &Peers::default(), None), marked, theme)
}

/// The texts of a picture, one after the other.
fn texts(svg: &str) -> Vec<String> {
    let lines = svg.lines().filter(|line| line.starts_with("<text "));
    lines
        .map(|line| {
            let text = line.split_once('>').unwrap().1;
            let text = text.strip_suffix("</text>").unwrap();
            [
                ("&lt;", "<"),
                ("&gt;", ">"),
                ("&quot;", "\""),
                ("&#39;", "'"),
                ("&amp;", "&"),
            ]
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
        })
        .collect()
}

fn has(svg: &str, text: &str) -> bool {
    texts(svg).iter().any(|found| found == text)
}

/// Width and height out of a PNG's first chunk.
fn size(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let word = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (word(16), word(20))
}

#[test]
fn every_scene_is_painted_in_both_themes_within_bounds() {
    let long = scenes::very_long("INFO", 400);
    let pings = scenes::very_long("OPTIONS", 60);
    for scene in [
        scenes::FAILOVER,
        scenes::MISSING_ACK,
        scenes::CANCELLED,
        scenes::AUTHENTICATED,
        scenes::ONE_LEG,
        scenes::IPV6,
        scenes::SAME_HOST,
        scenes::MANY_NODES,
        scenes::HOSTILE,
        &long,
        &pings,
    ] {
        let [light, dark] = [Theme::Light, Theme::Dark].map(|theme| picture(scene, &[1], theme));
        assert_ne!(light, dark);
        assert_eq!(texts(&light), texts(&dark));
        for svg in [light, dark] {
            let (width, height) = size(&png(&svg).unwrap());
            assert!(width <= 1_000 && height < 5_000, "{width} × {height}");
        }
    }
}

#[test]
fn text_is_painted_with_our_font() {
    let svg = picture(scenes::ONE_LEG, &[], Theme::Light);
    let without: Vec<&str> = svg
        .lines()
        .filter(|line| !line.starts_with("<text "))
        .collect();
    let (with, without) = (png(&svg).unwrap(), png(&without.join("\n")).unwrap());
    assert!(
        with.len() > 3 * without.len(),
        "{} {}",
        with.len(),
        without.len()
    );
}

#[test]
fn repetitions_are_folded_and_ids_stand_whole() {
    let svg = picture(scenes::MISSING_ACK, &[8], Theme::Light);
    assert!(has(&svg, "200 (INVITE) ×7"), "{svg}");
    assert!(has(&svg, "the last at +35.503"));
    assert!(has(&svg, "a@198.51.100.10") && has(&svg, "b@198.51.100.10"));
    assert!(has(&svg, "leg a") && has(&svg, "leg b"));
    assert!(has(&svg, "customer") && has(&svg, "192.0.2.5"));
    assert!(has(&svg, "+0.000 is 2026-02-16 09:10:00.000 UTC"));
    // Beside the row, and in the legend.
    assert_eq!(texts(&svg).iter().filter(|text| *text == "!").count(), 2);
}

#[test]
fn the_middle_of_a_long_call_is_counted_and_its_marked_row_stays() {
    let svg = picture(&scenes::very_long("INFO", 60), &[60, 125], Theme::Dark);
    let drawn = texts(&svg);
    // A 180 is written by its number alone, too.
    let numbers: Vec<usize> = drawn
        .iter()
        .filter_map(|text| text.parse().ok())
        .filter(|number| *number <= 126)
        .collect();
    let left_out: Vec<usize> = drawn
        .iter()
        .filter_map(|text| text.strip_prefix("… ")?.split(' ').next()?.parse().ok())
        .collect();
    assert!(numbers.contains(&60) && numbers.contains(&125) && numbers.contains(&126));
    assert_eq!(numbers.len() + left_out.iter().sum::<usize>(), 126);
}

#[test]
fn lanes_that_find_no_room_are_named_by_letter() {
    let hops: String = (1..20)
        .map(|n| format!("0.0{n:02} 192.0.2.{n}:5060>192.0.2.{}:5060 INVITE\n", n + 1))
        .collect();
    let svg = picture(&hops, &[], Theme::Light);
    assert!(has(&svg, "S→T INVITE"), "{svg}");
    assert!(texts(&svg).iter().any(|text| text.ends_with(" 192.0.2.20")));
}

#[test]
fn what_strangers_write_is_no_markup() {
    let written = scenes::HOSTILE.replace("from=`x`", "from=<script>&\"'x");
    for scene in [scenes::HOSTILE, &written] {
        let svg = picture(scene, &[1], Theme::Light);
        png(&svg).unwrap();
        assert!(!svg.contains("<script") && !svg.contains("<@"), "{svg}");
        assert!(!svg.chars().any(|c| c.is_control() && c != '\n'), "{svg:?}");
    }
    let svg = picture("0 cust>plat INVITE leg=<g/>&amp;]]>", &[], Theme::Light);
    assert!(has(&svg, "<g/>&amp;]]>@198.51.100.10"));
    assert!(!svg.contains("<g/>"), "{svg}");
    png(&svg).unwrap();
}
