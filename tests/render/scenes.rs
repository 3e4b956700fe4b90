//! The calls that ladders and cards are drawn of, in the language of `support::trace`.

/// Two carriers refuse; the caller is told 500.
pub const FAILOVER: &str = "
    0.000 cust>plat INVITE
    0.002 plat>cust 100 phrase=Trying
    0.040 plat>car  INVITE leg=b
    0.052 car>plat  100 leg=b phrase=Trying
    0.310 car>plat  503 leg=b phrase=Service_Unavailable | Reason: Q.850;cause=34;text=\"No circuit\"
    0.312 plat>car  ACK leg=b
    0.330 plat>car2 INVITE leg=c
    0.345 car2>plat 100 leg=c phrase=Trying
    0.610 car2>plat 503 leg=c phrase=Service_Unavailable
    0.611 plat>car2 ACK leg=c
    0.630 plat>cust 500 phrase=Server_Internal_Error
    0.640 cust>plat ACK";

/// The customer's ACK never arrives; the platform gives up after 32 s.
pub const MISSING_ACK: &str = "
    0.000 cust>plat INVITE
    0.002 plat>cust 100
    0.020 plat>car  INVITE leg=b
    1.200 car>plat  180 leg=b
    1.201 plat>cust 180
    4.000 car>plat  200 leg=b || v=0 || o=- 1 1 IN IP4 203.0.113.9
    4.002 plat>car  ACK leg=b
    4.003 plat>cust 200 || v=0 || o=- 1 1 IN IP4 203.0.113.9
    4.503 plat>cust 200 || v=0 || o=- 1 1 IN IP4 203.0.113.9
    5.503 plat>cust 200 || v=0 || o=- 1 1 IN IP4 203.0.113.9
    7.503 plat>cust 200 || v=0 || o=- 1 1 IN IP4 203.0.113.9
    11.503 plat>cust 200 || v=0 || o=- 1 1 IN IP4 203.0.113.9
    15.503 plat>cust 200 || v=0 || o=- 1 1 IN IP4 203.0.113.9
    35.503 plat>cust 200 || v=0 || o=- 1 1 IN IP4 203.0.113.9
    36.010 plat>cust BYE by=callee
    36.011 plat>car  BYE leg=b
    36.030 car>plat  200 BYE leg=b
    36.050 cust>plat 200 BYE by=callee";

/// The caller gives up while it rings.
pub const CANCELLED: &str = "
    0.000 cust>plat INVITE
    0.002 plat>cust 100
    0.020 plat>car  INVITE leg=b
    0.900 car>plat  183 leg=b || v=0 || o=- 1 1 IN IP4 203.0.113.9
    0.901 plat>cust 183 || v=0 || o=- 1 1 IN IP4 203.0.113.9
    21.400 cust>plat CANCEL
    21.401 plat>cust 200 CANCEL
    21.402 plat>car  CANCEL leg=b | Reason: Q.850;cause=16
    21.410 plat>cust 487 phrase=Request_Terminated
    21.420 car>plat  200 CANCEL leg=b
    21.430 cust>plat ACK
    21.440 car>plat  487 leg=b phrase=Request_Terminated
    21.441 plat>car  ACK leg=b";

/// A challenge, an answered call, put on hold and ended by the caller.
pub const AUTHENTICATED: &str = "
    0.000 cust>plat INVITE
    0.003 plat>cust 407 phrase=Proxy_Authentication_Required | Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"
    0.020 cust>plat ACK
    0.022 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"u\", realm=\"r\", nonce=\"n\", response=\"x\"
    0.024 plat>cust 100 cseq=2
    0.040 plat>car  INVITE leg=b
    2.100 car>plat  180 leg=b
    2.101 plat>cust 180 cseq=2
    6.500 car>plat  200 leg=b
    6.501 plat>car  ACK leg=b
    6.502 plat>cust 200 cseq=2
    6.520 cust>plat ACK cseq=2
    40.000 cust>plat INVITE cseq=3 in
    40.002 plat>cust 100 INVITE cseq=3 in
    40.010 plat>cust 200 INVITE cseq=3 in
    40.030 cust>plat ACK cseq=3
    63.000 cust>plat BYE cseq=4
    63.001 plat>cust 200 BYE cseq=4
    63.002 plat>car  BYE leg=b
    63.020 car>plat  200 BYE leg=b";

/// Only the customer's side was captured, and one packet twice.
pub const ONE_LEG: &str = "
    0.000 cust>plat INVITE
    0.001 cust>plat INVITE
    0.002 plat>cust 100
    3.100 plat>cust 404 phrase=Not_Found
    3.120 cust>plat ACK";

/// Addresses that are longer than a lane is wide.
pub const IPV6: &str = "
    0.000 [2001:db8:aaaa:1:2:3:4:10]:5060>[2001:db8::5]:5060 INVITE
    0.002 [2001:db8::5]:5060>[2001:db8:aaaa:1:2:3:4:10]:5060 100
    0.020 [2001:db8::5]:5060>[2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa]:5060 INVITE leg=b
    0.300 [2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa]:5060>[2001:db8::5]:5060 486 leg=b phrase=Busy_Here
    0.301 [2001:db8::5]:5060>[2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa]:5060 ACK leg=b
    0.302 [2001:db8::5]:5060>[2001:db8:aaaa:1:2:3:4:10]:5060 486 phrase=Busy_Here
    0.320 [2001:db8:aaaa:1:2:3:4:10]:5060>[2001:db8::5]:5060 ACK";

/// Three processes on one machine, a BYE past the platform, and nodes that ask themselves.
pub const SAME_HOST: &str = "
    0.000 127.0.0.1:5070>127.0.0.1:5060 INVITE
    0.010 127.0.0.1:5060>127.0.0.1:5080 INVITE leg=b | X-Inbound-Call-ID: a@198.51.100.10
    0.500 127.0.0.1:5080>127.0.0.1:5060 200 leg=b
    0.510 127.0.0.1:5060>127.0.0.1:5070 200
    0.520 127.0.0.1:5070>127.0.0.1:5060 ACK
    0.530 127.0.0.1:5060>127.0.0.1:5080 ACK leg=b
    9.000 127.0.0.1:5070>127.0.0.1:5080 BYE
    9.010 127.0.0.1:5080>127.0.0.1:5070 200 BYE
    9.020 127.0.0.1:5080>127.0.0.1:5080 OPTIONS leg=b
    9.030 127.0.0.1:5060>127.0.0.1:5060 OPTIONS";

/// A proxy in front and two more behind: six nodes, one leg.
pub const MANY_NODES: &str = "
    0.000 cust>192.0.2.1:5060 INVITE
    0.001 192.0.2.1:5060>192.0.2.2:5060 INVITE
    0.002 192.0.2.2:5060>192.0.2.3:5060 INVITE
    0.003 192.0.2.3:5060>192.0.2.4:5060 INVITE
    0.004 192.0.2.4:5060>car INVITE
    0.500 car>192.0.2.4:5060 480 phrase=Temporarily_Unavailable | Reason: Q.850;cause=18
    0.501 192.0.2.4:5060>192.0.2.3:5060 480 | Reason: Q.850;cause=18
    0.502 192.0.2.3:5060>192.0.2.2:5060 480 | Reason: Q.850;cause=18
    0.503 192.0.2.2:5060>192.0.2.1:5060 480 | Reason: Q.850;cause=18
    0.504 192.0.2.1:5060>cust 480 | Reason: Q.850;cause=18
    0.520 cust>192.0.2.1:5060 ACK";

/// What somebody writes who knows where it will be shown.
pub const HOSTILE: &str = "
    0.000 cust>plat INVITE from=`x` to=\u{1b}[31m@everyone
    0.002 plat>cust 100
    0.020 plat>cust 403 phrase=\u{1b}[2J```*b*\u{202e}<@U1>\u{7}\u{301} | Reason: SIP;text=\"\u{1b}]0;x\u{7}\"
    0.030 cust>plat ACK
    0.040 cust>plat `X`\u{1b}[1m";

/// A call with an in-dialog request every thirty seconds.
pub fn very_long(method: &str, pings: u32) -> String {
    let mut text = String::from(
        "0.000 cust>plat INVITE
         0.900 plat>cust 180
         4.000 plat>cust 200
         4.020 cust>plat ACK\n",
    );
    for ping in 0..pings {
        let (at, cseq) = (34.0 + 30.0 * f64::from(ping), 2 + ping);
        text.push_str(&format!(
            "{at:.3} plat>cust {method} by=callee in cseq={cseq}
             {:.3} cust>plat 200 {method} by=callee cseq={cseq}\n",
            at + 0.02
        ));
    }
    let end = 34.0 + 30.0 * f64::from(pings);
    text.push_str(&format!(
        "{end:.3} plat>cust BYE by=callee
         {:.3} cust>plat 200 BYE by=callee",
        end + 0.02
    ));
    text
}
