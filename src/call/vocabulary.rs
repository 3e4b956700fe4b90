//! Ordinary words of sentences about calls: never a SIP user, never a name. Meaning is read elsewhere.

const WORDS: &str = "
a about above across affected after again against ago all almost also always am an and another any anybody
anyone anything apart are around as ask at away back bad be because been before being below best between both
broken but by call callee caller callers calling calls came can cannot cant carrier carriers cause check circuit
code codes come comes coming complain complained complaining complains complaint connect connected connecting
connection country customer customers day days dear destination detail details diagnose did didnt died do does
doesnt doing done dont down drop dropped dropping drops due during each either else error errors even every
everybody everyone everything explain ext extension fail failed failing fails failure failures far few fine
first fix fixed for found from full get gets getting give go goes going good got had happen happened happening
happens has have having he hear heard hears hello help her here hey hi him his hour hours how i id if im in
incident ingress into investigate is issue issues it its ive just keep keeps last later least less let like
likely list little long look looking looks lot made make makes many may maybe me mean min mins minute minutes
month more morning most much my near need needs never new next no nobody noc none noone not nothing now number
numbers occurred of off office often oh ok okay old on once one ones only or other others our out outage over
own past peer people phone phones pick please prefix problem problems provider providers quick quite rather
really reason received receiving recent recently regarding reject rejected rejects report reported reporting
reports retry right ring ringing rings route routes routing said same saw say saying says sec second seconds
see seeing seem seems seen send sending sent server servers several she should show shows side since sip slow
so some somebody someone something sometimes soon started still stop stopped stops such suddenly sure take
takes tell test tested tests than thank thanks that the their them then there these they thing things think
this those though through ticket till time times to today together told tonight too trace traces traffic tried
trouble try trying trunk trunks two under unable understand until up us use user users using usually utc very
via voice wait want wants was we week weeks well went were what whats when where wherever whether which while
who whole why will with without wont work working works worse would wrong yes yesterday yet you your
also audio quality dtmf echo noise delay afternoon evening night noon midnight ringback busy answer answered
answers agent registration register registered call-id callid mon tue wed thu fri sat sun
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
september october november december jan feb mar apr jun jul aug sep oct nov dec invite bye cancel ack options
trying temporarily unavailable forbidden acceptable request terminated timeout internal service gateway unauthorized
proxy authentication required decline allowed loop detected payment hops address incomplete everywhere exist
unwanted cause asr acd cdr did dids cli ani rtp nat sbc pbx voip pstn
";

/// Whether a plain word is an ordinary one.
pub(super) fn holds(plain: &str) -> bool {
    WORDS.split_whitespace().any(|word| word == plain)
}
