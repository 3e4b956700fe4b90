"""Reads a mail with Python's own library, opens every file in it, and prints what it found as JSON: a reader of mails that
is none of ours. Takes the path of the mail."""

import email
import email.policy
import io
import json
import struct
import sys
import zipfile
import zlib


def picture(content):
    """The size of a PNG, after all of its pixels were unpacked and each piece's sum was checked."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    place, packed, size = 8, b"", None
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kind = content[place + 4 : place + 8]
        data = content[place + 8 : place + 8 + length]
        (check,) = struct.unpack(">I", content[place + 8 + length : place + 12 + length])
        assert zlib.crc32(kind + data) == check, f"damaged {kind}"
        if kind == b"IHDR":
            size = struct.unpack(">II", data[:8])
        if kind == b"IDAT":
            packed += data
        place += 12 + length
    assert len(zlib.decompress(packed)) > size[0] * size[1], "too few pixels"
    return list(size)


def capture(content):
    """How many frames a pcap holds."""
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}[content[:4]]
    place, frames = 24, 0
    while place < len(content):
        (length,) = struct.unpack(order + "I", content[place + 8 : place + 12])
        place += 16 + length
        frames += 1
    assert place == len(content), "cut"
    return frames


def opened(name, content):
    if name.endswith(".png"):
        return picture(content)
    if name.endswith(".pcap"):
        return capture(content)
    if name.endswith(".json"):
        return sorted(json.loads(content))[:3]
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            assert packed.testzip() is None
            return {it: opened(it, packed.read(it)) for it in packed.namelist()}
    return len(content.decode("utf-8").splitlines())


with open(sys.argv[1], "rb") as file:
    mail = email.message_from_binary_file(file, policy=email.policy.default)
assert not mail.defects, mail.defects
found = {"subject": mail["subject"], "to": mail["to"], "id": mail["message-id"], "files": {}}
for part in mail.walk():
    assert not part.defects, part.defects
    if part.is_multipart():
        continue
    name = part.get_filename()
    if name is None:
        found["text"] = part.get_content()
    else:
        content = part.get_payload(decode=True)
        found["files"][name] = [part.get_content_type(), opened(name, content)]
print(json.dumps(found))
