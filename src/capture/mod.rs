//! Capture files, turned into timestamped SIP messages. Knows containers, link layers and transports; knows nothing of calls.
