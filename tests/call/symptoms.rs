//! Complaints in the words people use.

use super::check_all;

#[test]
fn phrasings() {
    let rows = [
        ("one-way audio", "one-way-audio"),
        ("one way audio", "one-way-audio"),
        ("they can't hear us", "one-way-audio"),
        ("caller cannot hear the agent", "one-way-audio"),
        ("no audio", "no-audio"),
        ("there was dead air", "no-audio"),
        ("we can’t hear anything", "no-audio"),
        ("drops after 30 seconds", "drop-after-30s"),
        ("dropped after about 32s", "drop-after-32s"),
        ("disconnects at 60 sec", "drop-after-60s"),
        ("cuts off after half a minute", "drop-after-30s"),
        ("after 30 seconds the call drops", "drop-after-30s"),
        ("a 30-second drop", "drop-after-30s"),
        ("drops", "drop"),
        ("can't register", "cannot-register"),
        ("phone won’t register", "cannot-register"),
        ("registration fails", "cannot-register"),
        ("failing to register", "cannot-register"),
        ("loses its registration", "registration-lost"),
        ("unregisters", "registration-lost"),
        ("calls fail", "does-not-connect"),
        ("won't connect", "does-not-connect"),
        ("cannot get through", "does-not-connect"),
        ("doesn't ring", "not-delivered"),
        ("goes to the wrong number", "wrong-destination"),
        ("rings forever", "does-not-connect"),
        ("rings out", "does-not-connect"),
        ("takes forever to ring", "slow-setup"),
        ("high PDD", "slow-setup"),
        ("pdd of 12 seconds", "slow-setup-after-12s"),
        ("takes too long to connect", "slow-setup"),
        ("does not hang up", "does-not-end"),
        ("stuck calls", "does-not-end"),
        ("over-billed", "overbilled"),
        ("billed but never answered", "false-answer"),
        ("choppy", "choppy"),
        ("robotic voice and echo", "choppy symptom:echo"),
        ("poor call quality", "choppy"),
        ("high latency", "delay"),
        ("static noise", "noise"),
        ("DTMF not working", "dtmf"),
        ("key presses ignored", "dtmf"),
        // A failure beside something particular says nothing more.
        ("calls fail, one-way audio", "one-way-audio"),
        (
            "one-way audio and drops after 30 seconds",
            "one-way-audio symptom:drop-after-30s",
        ),
    ];
    let rows: Vec<(String, String)> = rows
        .iter()
        .map(|(said, name)| {
            (
                format!("203.0.113.9 {said}"),
                format!("203.0.113.9 symptom:{name}"),
            )
        })
        .collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    check_all(&rows);
    // So much is meant where a text begins with it.
    check_all(&[
        (
            "registration of 441632960115",
            "+441632960115 symptom:cannot-register",
        ),
        (
            "register 441632960115",
            "+441632960115 symptom:cannot-register",
        ),
        ("registered 441632960115", "+441632960115"),
        (
            "does 441632960115 register?",
            "+441632960115 symptom:cannot-register",
        ),
        ("is 1001 registered?", "user:1001 symptom:cannot-register"),
        ("registration 1001", "user:1001 symptom:cannot-register"),
    ]);
    check_all(&[(
        "+441632960123 not receiving inbound calls",
        "+441632960123 direction:inbound symptom:not-delivered",
    )]);
}

#[test]
fn complaints_that_no_symptom_says() {
    for said in [
        "no ringback",
        "wrong caller id",
        "wrong cli",
        "caller ID is wrong",
    ] {
        check_all(&[(
            &format!("203.0.113.9 {said}"),
            &format!(
                "203.0.113.9 (\"{said}\" is no complaint that is looked for, so it was left out)"
            ),
        )]);
    }
}
