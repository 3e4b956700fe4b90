#!/usr/bin/env python3
"""Holds captures.toml against the packets, through tshark (Debian package tshark).

Says nothing and ends with 0 when each file is listed and each entry is true in what a machine can see: the file exists, its
INVITEs carry exactly the listed Call-IDs, ids listed as one call share one From tag (the proxy keeps it), the addresses of the
roles are those in the packets, and the query finds something. With --show NAME it prints the messages of one capture instead.
"""
import pathlib, subprocess, sys, tomllib

here = pathlib.Path(__file__).resolve().parent.parent
parties = {"customer", "configuration", "platform", "carrier", "far-end", "network", "nobody", "undecided"}


def messages(path):
    names = ["frame.time_relative", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "sip.Method", "sip.Status-Line", "sip.CSeq",
             "sip.Call-ID", "sip.from.tag", "sip.Request-Line", "sip.from.user"]
    fields = [word for name in names for word in ("-e", name)]
    out = subprocess.run(["tshark", "-n", "-r", path, "-Y", "sip", "-T", "fields", "-E", "occurrence=f", *fields],
                         capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        t, s4, s6, d4, d6, method, status, cseq, call_id, tag, request, caller = line.split("\t")
        yield {"time": float(t), "from": s4 or s6, "to": d4 or d6, "method": method, "status": status, "cseq": cseq,
               "id": call_id, "tag": tag, "request": request, "caller": caller}


def show(path):
    for m in messages(path):
        print(f"{m['time']:8.3f}  {m['from']:>16} -> {m['to']:<16}  {m['request'] or m['status']}  ({m['cseq']})  {m['id']}")


def faults(entry):
    path = here / entry["file"]
    if not path.exists():
        yield "there is no such file"
        return
    seen = list(messages(path))
    calls = {}  # From tag of an INVITE that starts a call -> its Call-IDs in order
    for m in seen:
        if "INVITE" in m["cseq"]:
            ids = calls.setdefault(m["tag"], [])
            if m["id"] not in ids:
                ids.append(m["id"])
    found = sorted(calls.values())
    if found != sorted(entry["call_ids"]):
        yield f"Call-IDs in the packets are {found}"
    addresses = {m[end] for m in seen for end in ("from", "to")}
    if addresses != set(entry["roles"]):
        yield f"addresses in the packets are {sorted(addresses)}"
    if entry["party"] not in parties:
        yield f"unknown party {entry['party']}"
    if not any(entry["query"] in m["request"] or entry["query"] in (m["id"], m["caller"]) for m in seen):
        yield f"query {entry['query']} finds nothing"


def main():
    entries = tomllib.loads((here / "captures.toml").read_text())["capture"]
    if sys.argv[1:2] == ["--show"]:
        for entry in entries:
            if entry["name"] in sys.argv[2:]:
                show(here / entry["file"])
        return 0
    bad = [f"{entry['name']}: {fault}" for entry in entries for fault in faults(entry)]
    listed = {entry["file"] for entry in entries}
    bad += [f"captures/{p.name}: not in captures.toml" for p in sorted((here / "captures").iterdir()) if f"captures/{p.name}" not in listed]
    print("\n".join(bad), end="\n" if bad else "")
    return 1 if bad else 0


sys.exit(main())
