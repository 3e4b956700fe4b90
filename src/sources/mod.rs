//! Where evidence comes from: one port, one file a kind of source. Knows nothing of chat.
