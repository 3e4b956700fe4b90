//! Rows of a platform's trace, turned into the packets that captures give.
