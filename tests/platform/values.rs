//! The values survive being kept: what is written as JSON is read back the same.

use calltriage::platform::{CallRecord, Quality, TracedMessage};
use calltriage::sources::connexcs::read::{call_records, quality, traced_messages};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[track_caller]
fn survives<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let kept = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&kept).unwrap(), value);
}

#[test]
fn values_are_kept() {
    let body = br#"[{"routing":{"callid":"a@b","start_time":1771250000.214,"si":"2001:db8::1",
        "proto":"wss","ok":{"duration":3},"attempts":[{"code":486}],"x":[1.5,null]}}]"#;
    let row: CallRecord = call_records(body).unwrap().rows.remove(0);
    survives(&row);
    let body = br#"[{"id":1,"micro_ts":1771236000100123,"protocol":"UDP","msg":"x","more":{}}]"#;
    let row: TracedMessage = traced_messages(body).unwrap().rows.remove(0);
    survives(&row);
    let row: Quality = quality(br#"[{"mos":4.25}]"#).unwrap().rows.remove(0);
    survives(&row);
}
