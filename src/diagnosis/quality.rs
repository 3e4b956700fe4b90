//! How far the trace can be trusted: what is plainly missing from it. Heard by every rule; names
//! no party.

use std::sync::Arc;

use crate::sip::{Call, Method, Signal, StartLine};

/// A message that must have existed and was not seen.
#[derive(Debug, Clone)]
pub struct Missing {
    /// What is missing, as in `the answer to the INVITE (CSeq 2)`.
    pub what: String,
    /// The message that proves it existed.
    pub proof: Arc<Signal>,
}

/// What is wrong with a trace.
#[derive(Debug, Clone, Default)]
pub struct Quality {
    /// Messages that must have existed and were not seen.
    pub missing: Vec<Missing>,
    /// Messages that end before their own end.
    pub cut: Vec<Arc<Signal>>,
}

impl Quality {
    /// Looks through a call. A gap in CSeq numbers alone proves nothing: pings raise them.
    #[must_use]
    pub fn of(call: &Call) -> Quality {
        let mut missing = Vec::new();
        for transaction in &call.transactions {
            let (method, cseq) = (&transaction.method, transaction.cseq);
            if let (None, Some(answer)) = (transaction.request(), transaction.first_response()) {
                let what = format!("the {method} (CSeq {cseq}) that this answers");
                missing.push(Missing {
                    what,
                    proof: answer.clone(),
                });
            }
            if let (None, Some(ack)) = (transaction.final_response(), transaction.acks.first()) {
                let what = format!("the final answer to the INVITE (CSeq {cseq}) that this ACKs");
                missing.push(Missing {
                    what,
                    proof: ack.clone(),
                });
            }
            let stray_ack = *method == Method::Ack && !invite_seen(call, transaction.leg);
            if let (true, Some(ack)) = (stray_ack, transaction.request()) {
                missing.push(Missing {
                    what: "the INVITE that this ACKs".into(),
                    proof: ack.clone(),
                });
            }
        }
        let answered = call
            .with_method(Method::Invite)
            .any(|invite| matches!(invite.final_code(), Some(200..=299)));
        // A BYE needs a dialog, and the dialog a 2xx, except where the caller leaves while it rings (RFC 3261
        // section 15).
        let early: Vec<usize> = call
            .hops
            .iter()
            .filter_map(|hop| Some(call.early_bye(hop)?.number))
            .collect();
        let mut byes = call
            .requests(Method::Bye)
            .filter(|bye| !early.contains(&bye.number));
        if let (false, Some(bye)) = (answered, byes.next()) {
            missing.push(Missing {
                what: "the 2xx that set up the dialog this ends".into(),
                proof: bye.clone(),
            });
        }
        let cut = call
            .signals
            .iter()
            .map(|(_, signal)| signal)
            .filter(|signal| {
                signal.message().is_cut() || *signal.message().start() == StartLine::Garbled
            })
            .cloned()
            .collect();
        Quality { missing, cut }
    }

    /// Whether messages are missing: rules that rest on something not seen say so.
    #[must_use]
    pub fn is_lossy(&self) -> bool {
        !self.missing.is_empty()
    }
}

fn invite_seen(call: &Call, leg: usize) -> bool {
    call.transactions
        .iter()
        .any(|t| t.leg == leg && t.method == Method::Invite)
}
