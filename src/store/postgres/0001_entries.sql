-- Every value of the store, by namespace and key. Keys are bytes: a text of PostgreSQL holds no zero.
create table calltriage_entries (
    ns text collate "C" not null,
    key bytea not null,
    value bytea not null,
    version bigint not null,
    expires_at timestamptz,
    primary key (ns, key)
);

-- What has expired is swept.
create index calltriage_entries_expiry on calltriage_entries (expires_at) where expires_at is not null;

-- Each apply has a number of its own.
create sequence calltriage_version;
