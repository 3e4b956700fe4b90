//! Maps for what a large capture holds very many of: quick to hash, each process in its own way, in no order. Knows
//! nothing of what is in them.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// A map of what packets say.
pub(crate) type Map<K, V> = HashMap<K, V, RandomState>;
