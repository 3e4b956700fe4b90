//! What people type, turned into a query: Call-IDs, numbers, times, symptoms, scopes. Pure: no I/O, no clock of its own.
