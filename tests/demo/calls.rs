//! The calls that the demo platform knows are the recorded ones, moved and otherwise unchanged.

use calltriage::examples::CAPTURES;
use calltriage::platform::packets;
use calltriage::sip::{Call, Join, calls, threads};
use calltriage::sources::connexcs::read;
use jiff::{SignedDuration, Timestamp};

use crate::support::connexcs::{Fake, NOW, encoded};

/// The answer to a query of the log.
async fn rows(fake: &Fake, term: &str) -> Vec<calltriage::platform::CallRecord> {
    let answer = fake.get(&format!("log?s={}", encoded(term))).await;
    let read = read::call_records(&answer.body).unwrap();
    assert_eq!(read.sentence(), None);
    read.rows
}

/// The one call of a row, out of its trace.
async fn traced(fake: &Fake, call_id: &str, outgoing: Option<&str>) -> Call {
    let mut path = format!("log/trace?callid={}", encoded(call_id));
    if let Some(outgoing) = outgoing {
        path.push_str(&format!("&callidb={}", encoded(outgoing)));
    }
    let read = read::traced_messages(&fake.get(&path).await.body).unwrap();
    assert_eq!(read.sentence(), None);
    let converted = packets(&read.rows, 0, None);
    assert_eq!((converted.notes.len(), converted.rebuilt.len()), (0, 0));
    let known = outgoing.map(|outgoing| Join::known(call_id, outgoing));
    let mut calls = calls(threads(converted.packets), known.as_slice());
    assert_eq!(calls.len(), 1, "{call_id}");
    calls.remove(0)
}

#[tokio::test]
async fn every_call_is_in_the_log_and_its_trace_is_the_recording() {
    let fake = Fake::start().await;
    let known = fake.platform.world().calls();
    assert!(known.len() >= CAPTURES.len());
    let mut outgoing_ids = String::new();
    for call in known {
        let (call_id, facts) = (&call.legs[0].call_id, &call.legs[0].facts);
        let rows = rows(&fake, call_id).await;
        if call.ingress().is_none() {
            assert!(rows.is_empty(), "{call_id}");
            continue;
        }
        let [row] = rows.as_slice() else {
            panic!("{call_id}: {rows:?}")
        };
        let ingress = call.ingress().unwrap();
        assert_eq!(row.call_id.as_ref(), Some(call_id));
        assert_eq!(
            row.outgoing_call_id.as_ref(),
            call.legs.get(1).map(|leg| &leg.call_id)
        );
        assert_eq!(row.code, ingress.final_code());
        assert_eq!(row.from.as_ref(), Some(&facts.from));
        assert_eq!(row.source_ip, Some(ingress.client.ip()));
        assert_eq!(row.server_ip, Some(ingress.server.ip()));
        assert_eq!(row.started.unwrap().as_second(), facts.started.as_second());
        assert_eq!(row.attempts.len(), call.downstream(ingress).count());
        assert_eq!(row.answered.is_some(), facts.answered);
        outgoing_ids.extend(row.outgoing_call_id.clone());
        let found = traced(&fake, call_id, row.outgoing_call_id.as_deref()).await;
        assert_eq!(found.legs.len(), call.legs.len());
        assert_eq!(found.hops.len(), call.hops.len());
        let told = |call: &Call| -> Vec<_> {
            let all = call.signals.iter().map(|(_, it)| &it.packet);
            all.map(|it| (it.at.as_microsecond(), it.source, it.bytes.clone()))
                .collect()
        };
        assert_eq!(told(&found), told(call), "{call_id}");
    }
    // What a client must encode does occur.
    assert!(
        outgoing_ids.contains('/') && outgoing_ids.contains('+'),
        "{outgoing_ids}"
    );
}

#[tokio::test]
async fn the_newest_call_ended_a_few_minutes_ago() {
    let fake = Fake::start().await;
    let now = Timestamp::from_second(NOW).unwrap();
    let ends: Vec<_> = fake
        .platform
        .world()
        .calls()
        .iter()
        .filter_map(Call::ended)
        .collect();
    let ago = now.duration_since(*ends.iter().max().unwrap());
    assert_eq!(ago, SignedDuration::from_mins(3));
    let oldest = now.duration_since(*ends.iter().min().unwrap());
    assert!(oldest < SignedDuration::from_hours(2), "{oldest}");
}

/// By number and by address, and not by what the real one is not known to find.
#[tokio::test]
async fn what_the_log_finds() {
    let fake = Fake::start().await;
    let busy = rows(&fake, "441632960105").await;
    assert_eq!(busy.len(), 0, "as dialled it has a plus");
    let [busy] = &rows(&fake, "+441632960105").await[..] else {
        panic!("not one call")
    };
    assert_eq!(
        (busy.code, busy.reason.as_deref()),
        (Some(486), Some("Busy Here"))
    );
    assert_eq!(busy.attempts[0].carrier.as_deref(), Some("ExampleTel"));
    assert_eq!(busy.customer_id, Some(12));
    assert!(busy.log[0].contains("Acme"), "{:?}", busy.log);
    let from_there = rows(&fake, "198.51.100.10").await;
    assert!(from_there.len() > 5);
    assert!(
        rows(&fake, busy.outgoing_call_id.as_deref().unwrap())
            .await
            .is_empty()
    );
    assert!(rows(&fake, "nobody").await.is_empty());
    assert!(
        rows(&fake, &from_there[0].call_id.as_ref().unwrap()[..8])
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn answered_calls_say_how_they_ended() {
    let fake = Fake::start().await;
    let released = async |number: &str| {
        let mut rows = rows(&fake, number).await;
        rows.remove(0).answered.unwrap()
    };
    let by_caller = released("441632960101").await;
    assert_eq!(by_caller.release_reason.as_deref(), Some("Downstream BYE"));
    assert_eq!(by_caller.carrier_id, Some(105));
    assert_eq!(by_caller.duration_ms, Some(4000));
}

/// A trace by one id is only that leg; an id that was cut by careless encoding is none.
#[tokio::test]
async fn one_id_is_one_leg() {
    let fake = Fake::start().await;
    let calls = fake.platform.world().calls();
    let with_plus = |call: &&Call| {
        call.legs
            .get(1)
            .is_some_and(|leg| leg.call_id.contains('+'))
    };
    let call = calls.iter().find(with_plus).unwrap();
    let (call_id, outgoing) = (&call.legs[0].call_id, &call.legs[1].call_id);
    assert_eq!(traced(&fake, call_id, None).await.legs.len(), 1);
    assert_eq!(
        traced(&fake, outgoing, None).await.legs[0].call_id,
        *outgoing
    );
    let careless = format!("log/trace?callid={outgoing}");
    assert_eq!(fake.get(&careless).await.text(), "[]");
    let sent = fake.platform.seen().all();
    assert_eq!(sent.last().unwrap().target, format!("/api/cp/{careless}"));
}

#[tokio::test]
async fn registrations_are_in_a_log_of_their_own() {
    let fake = Fake::start().await;
    let row = fake.get("demo/register-log?s=198.51.100.10").await.json()[0].clone();
    assert_eq!(row["sip_code"], 401);
    let call_id = row["callid"].as_str().unwrap();
    assert!(rows(&fake, call_id).await.is_empty());
    let call = traced(&fake, call_id, None).await;
    assert_eq!(call.legs[0].facts.final_code, Some(401));
    assert_eq!(fake.get("demo/register-log?s=nobody").await.text(), "[]");
}

/// Any calls will do, not only the built-in ones.
#[tokio::test]
async fn written_calls_are_served_too() {
    let fake = Fake::written(
        "0.00 cust>plat INVITE to=441782454123
         0.10 plat>cust 503 phrase=No_Routes_Available
         0.11 cust>plat ACK",
    )
    .await;
    let [row] = &rows(&fake, "441782454123").await[..] else {
        panic!("not one call")
    };
    assert_eq!(row.reason.as_deref(), Some("No Routes Available"));
    assert!(row.attempts.is_empty() && row.outgoing_call_id.is_none());
}

#[tokio::test]
async fn a_simulated_call_is_in_the_log() {
    let fake = Fake::start().await;
    let run = async |number: &str, ip: &str| {
        let form = serde_json::json!({
            "dialled_number": number, "cli": "441632960001", "switch_ip": "192.0.2.5",
            "customer_ip": ip, "registered_user": "", "routing_engine": "Europe",
        });
        let answer = fake.post("demo/simulate", &form).await.json();
        let call_id = answer["routing"]["callid"].as_str().unwrap().to_owned();
        assert!(call_id.starts_with("SIM-"), "{call_id}");
        rows(&fake, &call_id).await.remove(0).reason.unwrap()
    };
    assert_eq!(run("441782454123", "198.51.100.10").await, "OK");
    assert_eq!(run("441782454123", "192.0.2.99").await, "IP Not Authorised");
    assert_eq!(run("99", "198.51.100.10").await, "No Rule Available");
}
