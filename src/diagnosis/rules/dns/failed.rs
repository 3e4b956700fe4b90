//! The rule on names that DNS did not turn into an address, by the packets in which it was asked.

use super::stuck::{FOLLOWS, Stuck, Verdict, stuck};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Finding, Owner, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::resolution::{End, Outcome};
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;

pub(super) static DNS_LOOKUP_FAILED: Rule = Rule {
    id: "dns-lookup-failed",
    family: "dns",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "DNS packets in which a node of the call asked for the name that its request had to go to, or meanwhile for a \
            SIP service (_sip._udp and the like), and got no address: no such name (NXDOMAIN), no such record, a refusal \
            of the server (SERVFAIL, REFUSED), or no answer though it asked again. After that it refused the INVITE with \
            404, 408, 478, 480, 5xx or 604, or sent no ACK to a 2xx that was repeated.",
    matters: "Nothing was sent on, and every call to that name fails alike until the record or the DNS server is mended.",
    remedy: "No such name or record: correct the name where it was written, or have its owner publish NAPTR, SRV, A or \
             AAAA. A refusal of the server or no answer: look at the DNS servers that the node asks, and at the way there.",
    silent: "An address was found, or may have been known before: only what was asked while the call was near is seen, \
             over UDP and in the clear. A name that no message of the call has is looked at as a SIP service alone. \
             A warning where the refusal names another reason. What a node says by itself is told by name-unresolved.",
    source: "RFC 3263 section 4; RFC 1035 section 4.1.1; RFC 2308 section 2; RFC 3261 section 8.1.3.1; catalogue L6",
    explains: FOLLOWS,
    limits: &[],
    check: Check::Call(dns_lookup_failed),
};

fn dns_lookup_failed(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let all = stuck(case);
    let found = all.iter().filter_map(|stuck| match stuck.end {
        End::Nothing { outcome, settled } => {
            stuck.finding(rule, case, verdict(case, stuck, outcome, settled))
        }
        _ => None,
    });
    found.take(1).collect()
}

fn verdict(case: &Case<'_>, stuck: &Stuck<'_>, outcome: Outcome, settled: bool) -> Verdict {
    let name = &stuck.asked.name;
    let node = case.name(stuck.node);
    let own: Owner = side_of(case, stuck.node).into();
    let at_most = match settled {
        true => Certainty::Likely,
        false => Certainty::Possible,
    };
    match outcome {
        Outcome::NoName | Outcome::NoRecord => Verdict {
            cause: match (outcome, settled) {
                (_, false) => format!(
                    "DNS names no SIP service of {name}; its address was not asked for where this was captured."
                ),
                (Outcome::NoName, true) => format!(
                    "{name} does not exist in the DNS that was asked, so that {node} had nowhere to send it."
                ),
                _ => format!(
                    "{name} has no record that leads to a SIP server, so that {node} had nowhere to send it."
                ),
            },
            owner: stuck.writer,
            to_act: stuck.writer,
            at_most,
            next: format!(
                "Check how {name} is written where it was set; if it is right, have the owner of the domain publish its \
                 records (NAPTR, SRV, A, AAAA)."
            ),
        },
        Outcome::Unanswered => Verdict {
            cause: "The DNS server did not answer where this was captured.".to_owned(),
            owner: own,
            to_act: own,
            at_most,
            next: format!(
                "On {node}: see which DNS servers are set, and whether they are up and reached over UDP and TCP port 53."
            ),
        },
        // The server itself, or those of the domain, which it could not ask.
        _ => Verdict {
            cause: format!(
                "The DNS server that was asked, or those of the domain that it asks, could not serve {name}; which, its \
                 answer does not tell."
            ),
            owner: Party::Undecided.into(),
            to_act: own,
            at_most: Certainty::Possible,
            next: format!(
                "On {node}: look {name} up at its DNS server and at another one; where only its own fails, mend that, else \
                 ask the owner of the domain."
            ),
        },
    }
}
