//! Fax over IP as a description offers it (ITU-T T.38 annex D). Reads the attributes, and judges no
//! fax.

/// The attributes of a T.38 stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct T38 {
    /// `T38FaxVersion`; 0 where it is not said.
    pub version: u32,
    /// `T38MaxBitRate` in bits a second: 14400, 33600.
    pub max_bit_rate: Option<u32>,
    /// `T38FaxRateManagement`: `transferredTCF`, `localTCF`.
    pub rate_management: Option<String>,
    /// `T38FaxUdpEC`: `t38UDPRedundancy`, `t38UDPFEC`, `t38UDPNoEC`.
    pub error_correction: Option<String>,
    /// `T38FaxMaxDatagram` in bytes.
    pub max_datagram: Option<u32>,
    /// `T38FaxMaxBuffer` in bytes.
    pub max_buffer: Option<u32>,
}

impl T38 {
    /// Takes an attribute in; whether it was one of these. Their case varies in practice.
    pub(super) fn attribute(t38: &mut Option<T38>, name: &str, value: &str) -> bool {
        let name = name.to_ascii_lowercase();
        if !name.starts_with("t38") {
            return false;
        }
        let t38 = t38.get_or_insert_default();
        let number = value.parse().ok();
        let word = Some(value.to_owned()).filter(|word| !word.is_empty());
        match name.as_str() {
            "t38faxversion" => t38.version = number.unwrap_or_default(),
            "t38maxbitrate" => t38.max_bit_rate = number,
            "t38faxratemanagement" => t38.rate_management = word,
            "t38faxudpec" => t38.error_correction = word,
            "t38faxmaxdatagram" => t38.max_datagram = number,
            "t38faxmaxbuffer" => t38.max_buffer = number,
            _ => {}
        }
        true
    }
}
