//! A complaint about sound, its quality or tones: they flow beside the signalling, and that the signalling is as it
//! should be says nothing of them. What RTP and RTCP tell of them is set against it. Finds no fault in a call.

use crate::call::{Phase, Symptom};
use crate::diagnosis::audio::Audio;
use crate::diagnosis::investigation::Diagnosis;
use crate::diagnosis::party::Party;
use crate::platform::{Quality, Records, Sample};

/// Fewer reports of RTCP than this say nothing of a call.
const FEWEST_REPORTS: usize = 3;

/// Fewer packets of a direction, five seconds of sound, say nothing of its quality.
const FEWEST_PACKETS: u64 = 250;

/// Sets a diagnosis against what was heard.
pub(super) fn answer(diagnosis: &mut Diagnosis, symptoms: &[Symptom], records: Option<&Records>) {
    let unseen =
        |symptom: &&Symptom| matches!(symptom.phase(), Phase::Audio | Phase::Quality | Phase::Dtmf);
    let noticed: Vec<String> = symptoms
        .iter()
        .filter(unseen)
        .map(|symptom| symptom.to_string().replace('-', " "))
        .collect();
    if noticed.is_empty() || diagnosis.facts.is_empty() {
        return;
    }
    let noticed = noticed.join(" and ");
    if diagnosis.media.is_empty() {
        diagnosis.not_checked.push(format!(
            "The reported {noticed}: the audio itself was not looked at, only what the signalling says \
             of it."
        ));
    }
    let is_about_quality = symptoms.iter().any(|it| it.phase() == Phase::Quality);
    let reports = records.and_then(|it| it.quality.as_ref());
    let is_clean = reports
        .and_then(reported)
        .or_else(|| counted(&diagnosis.media));
    let was_answered = records
        .and_then(|it| it.row.as_ref()?.answered.as_ref())
        .is_some();
    if is_about_quality && is_clean.is_none() && was_answered {
        let few = reports.map_or(0, |it| it.samples.len());
        if few < FEWEST_REPORTS {
            diagnosis.not_checked.push(format!(
                "The quality of the media: {} of RTCP is at hand, too little to judge by. RTCP has to be on at \
                 both ends, or generated on the route.",
                match few {
                    0 => "no report".to_owned(),
                    1 => "one report".to_owned(),
                    few => format!("no more than {few} reports"),
                }
            ));
        }
    }
    let verdict = &mut diagnosis.verdict;
    if verdict.party != Party::Nobody {
        return;
    }
    verdict.leave_undecided();
    match is_clean.filter(|_| is_about_quality) {
        Some(figures) => {
            verdict.summary = format!(
                "{} {figures}: the network between carries it well, so that the reported {noticed} is made at one of \
                 the two ends.",
                verdict.summary
            );
            verdict.next = vec![
                "Try another handset on both sides; look at echo, at microphone gain and at codecs that are changed \
                 more than once."
                    .into(),
            ];
        }
        None => {
            verdict.summary = format!(
                "{} The signalling is as it should be; the reported {noticed} cannot be seen in it.",
                verdict.summary
            );
            verdict.next = vec![
                "Capture the audio (RTP) on both sides of the platform during such a call, and compare \
                 what each side sends with what arrives."
                    .into(),
            ];
        }
    }
}

/// What RTCP told of a call, where it is enough and good; the rules say it where it is not.
fn reported(quality: &Quality) -> Option<String> {
    if quality.samples.len() < FEWEST_REPORTS {
        return None;
    }
    let mean = |of| Sample::mean(&quality.samples, of);
    let loss = mean(|it| it.loss_percent)?;
    let jitter = mean(|it| it.jitter_ms)?;
    let score = mean(|it| it.mos).map(|mos| format!("MOS {mos:.1}, "));
    Some(format!(
        "RTCP reported good quality (mean {}loss {loss:.1} %, jitter {jitter:.0} ms)",
        score.unwrap_or_default()
    ))
}

/// The same of what was counted here, where both directions were seen for long enough and came well.
fn counted(media: &[Audio]) -> Option<String> {
    let came_well = |it: &Audio| {
        it.expected >= FEWEST_PACKETS && it.lost * 100 <= it.expected && it.jitter_max_ms < 30
    };
    let is_good = media.len() >= 2 && media.iter().all(came_well);
    is_good.then(|| "The audio that was seen came well here, in both directions".to_owned())
}
