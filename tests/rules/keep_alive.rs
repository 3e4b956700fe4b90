use super::{fires, silent, verdict};

const SILENT: &str = "0.00 plat>car OPTIONS
                      0.50 plat>car OPTIONS
                      1.50 plat>car OPTIONS";

const ALIVE: &str = "0.00 plat>car OPTIONS
                     0.50 plat>car OPTIONS
                     0.52 car>plat 404 OPTIONS";

#[test]
fn keep_alive_unanswered_by_a_trunk() {
    fires(
        "keep-alive-unanswered",
        SILENT,
        "far-end>far-end possible/certain [1, 2, 3] customer 192.0.2.5:5060 sent OPTIONS to far \
         end 203.0.113.9:5060 3 times over 1.50 s and no reply reached this capture point. It is \
         down, unreachable, or does not answer OPTIONS.",
    );
    assert_eq!(
        verdict(SILENT),
        "keep-alive-unanswered far-end>far-end possible"
    );
}

#[test]
fn keep_alive_unanswered_is_silent_when_even_an_error_comes() {
    silent("keep-alive-unanswered", ALIVE);
    silent("keep-alive-unanswered", "0.00 plat>car OPTIONS");
    assert_eq!(verdict(ALIVE), "keep-alive-answered nobody>nobody certain");
}

#[test]
fn keep_alive_answered_is_silent_without_a_reply() {
    silent("keep-alive-answered", SILENT);
}
