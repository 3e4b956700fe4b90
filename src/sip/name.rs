//! The words of SIP: methods and header names, with their compact forms. Holds no message.

use std::fmt;

/// A request method (RFC 3261 section 7.1 and its extensions). Case matters in SIP.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Method {
    /// RFC 3261.
    Invite,
    /// RFC 3261.
    Ack,
    /// RFC 3261.
    Bye,
    /// RFC 3261.
    Cancel,
    /// RFC 3261.
    Options,
    /// RFC 3261.
    Register,
    /// RFC 3262.
    Prack,
    /// RFC 3311.
    Update,
    /// RFC 6086.
    Info,
    /// RFC 3515.
    Refer,
    /// RFC 6665.
    Notify,
    /// RFC 6665.
    Subscribe,
    /// RFC 3428.
    Message,
    /// RFC 3903.
    Publish,
    /// Anything else, as it was written.
    Other(Box<str>),
}

impl Method {
    /// Reads a method token; never fails, an unknown one is kept as written.
    #[must_use]
    pub fn parse(token: &str) -> Method {
        match token {
            "INVITE" => Method::Invite,
            "ACK" => Method::Ack,
            "BYE" => Method::Bye,
            "CANCEL" => Method::Cancel,
            "OPTIONS" => Method::Options,
            "REGISTER" => Method::Register,
            "PRACK" => Method::Prack,
            "UPDATE" => Method::Update,
            "INFO" => Method::Info,
            "REFER" => Method::Refer,
            "NOTIFY" => Method::Notify,
            "SUBSCRIBE" => Method::Subscribe,
            "MESSAGE" => Method::Message,
            "PUBLISH" => Method::Publish,
            other => Method::Other(other.into()),
        }
    }

    /// The token as it stands in a message.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Method::Invite => "INVITE",
            Method::Ack => "ACK",
            Method::Bye => "BYE",
            Method::Cancel => "CANCEL",
            Method::Options => "OPTIONS",
            Method::Register => "REGISTER",
            Method::Prack => "PRACK",
            Method::Update => "UPDATE",
            Method::Info => "INFO",
            Method::Refer => "REFER",
            Method::Notify => "NOTIFY",
            Method::Subscribe => "SUBSCRIBE",
            Method::Message => "MESSAGE",
            Method::Publish => "PUBLISH",
            Method::Other(token) => token,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Declares the header names that are read by type, each with its long form and, where there is
/// one, its compact form (RFC 3261 section 7.3.3 and the IANA registry).
macro_rules! header_names {
    ($($variant:ident $long:literal $($compact:literal)?;)*) => {
        /// A header field's name, whatever form and case it was written in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each variant is the header of that name")]
        pub enum Name { $($variant,)* Other }

        impl Name {
            /// Reads a header name, long or compact, in any case.
            #[must_use]
            pub fn parse(token: &[u8]) -> Name {
                let mut at = place(token);
                loop {
                    match TABLE.get(at).copied().flatten() {
                        None => return Name::Other,
                        Some((name, form)) if token.eq_ignore_ascii_case(form) => return name,
                        Some(_) => at = (at + 1) % TABLE_LENGTH,
                    }
                }
            }

            /// The long form, as the RFCs write it; `"?"` for an unknown header.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Name::$variant => $long,)* Name::Other => "?" }
            }
        }

        static TABLE: [Option<(Name, &'static [u8])>; TABLE_LENGTH] = {
            let table = [None; TABLE_LENGTH];
            $(let table = entered(table, Name::$variant, $long);
            $(let table = entered(table, Name::$variant, $compact);)?)*
            table
        };
    };
}

/// Many more places than names, so that hardly two share one.
const TABLE_LENGTH: usize = 512;

/// Where a name stands in the table, or a little after it, in any case of letters.
const fn place(token: &[u8]) -> usize {
    let (Some(first), Some(last)) = (token.first(), token.last()) else {
        return 0;
    };
    let middle = match token.split_at_checked(token.len() / 2) {
        Some((_, [middle, ..])) => *middle,
        _ => 0,
    };
    (token.len() * 67
        + (*first | 0x20) as usize * 31
        + (middle | 0x20) as usize * 13
        + (*last | 0x20) as usize * 5)
        % TABLE_LENGTH
}

const fn entered(
    mut table: [Option<(Name, &'static [u8])>; TABLE_LENGTH],
    name: Name,
    form: &'static str,
) -> [Option<(Name, &'static [u8])>; TABLE_LENGTH] {
    let mut at = place(form.as_bytes());
    #[expect(
        clippy::indexing_slicing,
        reason = "the place is below the length; const"
    )]
    while table[at].is_some() {
        at = (at + 1) % TABLE_LENGTH;
    }
    #[expect(
        clippy::indexing_slicing,
        reason = "the place is below the length; const"
    )]
    {
        table[at] = Some((name, form.as_bytes()));
    }
    table
}

header_names! {
    Via "Via" "v";
    From "From" "f";
    To "To" "t";
    CallId "Call-ID" "i";
    CSeq "CSeq";
    Contact "Contact" "m";
    MaxForwards "Max-Forwards";
    ContentLength "Content-Length" "l";
    ContentType "Content-Type" "c";
    Route "Route";
    RecordRoute "Record-Route";
    Authorization "Authorization";
    ProxyAuthorization "Proxy-Authorization";
    WwwAuthenticate "WWW-Authenticate";
    ProxyAuthenticate "Proxy-Authenticate";
    Reason "Reason";
    Warning "Warning";
    RetryAfter "Retry-After";
    SessionExpires "Session-Expires" "x";
    MinSe "Min-SE";
    Expires "Expires";
    MinExpires "Min-Expires";
    Supported "Supported" "k";
    Require "Require";
    Unsupported "Unsupported";
    Allow "Allow";
    UserAgent "User-Agent";
    Server "Server";
    Event "Event" "o";
    SessionId "Session-ID";
    PAssertedIdentity "P-Asserted-Identity";
    Privacy "Privacy";
    Diversion "Diversion";
    HistoryInfo "History-Info";
    Identity "Identity" "y";
    ErrorInfo "Error-Info";
    CallInfo "Call-Info";
    InReplyTo "In-Reply-To";
    PChargingVector "P-Charging-Vector";
    RSeq "RSeq";
    RAck "RAck";
    Replaces "Replaces";
    ReferTo "Refer-To" "r";
    ReferredBy "Referred-By" "b";
    SubscriptionState "Subscription-State";
    PPreferredIdentity "P-Preferred-Identity";
    RemotePartyId "Remote-Party-ID";
    ContentDisposition "Content-Disposition";
    ContentEncoding "Content-Encoding" "e";
    ProxyRequire "Proxy-Require";
    Accept "Accept";
    AllowEvents "Allow-Events" "u";
    Date "Date";
    Subject "Subject" "s";
}
