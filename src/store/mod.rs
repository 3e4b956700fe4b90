//! What must survive a restart: one small port, one engine behind it. Knows keys and bytes, not what they mean.
