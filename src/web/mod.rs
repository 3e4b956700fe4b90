//! The HTTP listener: health now, webhooks later. Holds no logic of its own.
