#!/usr/bin/env python3
"""Draws golden payloads of tests/golden/discord as HTML, about as Discord draws them, for a person to look at.

Usage: draw.py [--files FOLDER] NAME… > page.html    (NAME as in tests/golden/discord/NAME.json; all without one)
       chromium --headless --no-sandbox --screenshot=page.png --window-size=760,1270 page.html
"""

import argparse
import base64
import html
import json
import pathlib
import re

STYLE = """
body { font: 15px/1.4 'gg sans', 'Noto Sans', Helvetica, Arial, sans-serif; color: #dbdee1; background: #313338;
  width: 700px; margin: 20px; }
h2 { font-size: 13px; color: #949ba4; border-top: 1px solid #3f4147; padding-top: 12px; }
.embed { background: #2b2d31; border-left: 4px solid; border-radius: 4px; padding: 10px 14px; margin: 6px 0;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: 14px; }
.small { font-size: 12px; color: #949ba4; }
code { font: 12px Menlo, 'DejaVu Sans Mono', monospace; background: #1e1f22; border-radius: 3px; padding: 1px 3px; }
pre { font: 12px/1.4 Menlo, 'DejaVu Sans Mono', monospace; background: #1e1f22; border-radius: 4px; padding: 8px;
  white-space: pre-wrap; margin: 4px 0; }
.button, .select { display: inline-block; background: #4e5058; border-radius: 4px; padding: 5px 14px;
  margin: 4px 8px 4px 0; font-size: 14px; color: white; }
.select { background: #1e1f22; min-width: 300px; }
.primary { background: #5865f2; }
.message { display: grid; grid-template-columns: 54px 1fr; }
.message::before { content: '☎'; background: #1b3a4b; color: white; width: 40px; height: 40px; border-radius: 50%;
  display: grid; place-items: center; }
.name b { color: white; }
.name span { background: #5865f2; color: white; border-radius: 3px; font-size: 10px; padding: 1px 4px; margin-left: 4px; }
.embed img { display: block; width: 400px; border-radius: 4px; margin-top: 8px; }
.field { display: block; background: #1e1f22; border-radius: 3px; padding: 8px; margin: 4px 0 10px; }
.file { background: #2b2d31; border-radius: 6px; padding: 8px; margin: 6px 0; font-size: 13px; color: #00a8fc; }
"""


def unescaped(text):
    """What a backslash keeps from being markup, as it is shown."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


def marked(text):
    """Discord's markdown as HTML."""
    drawn = []
    for part in re.split(r"(```.*?```|`[^`\n]+`)", text, flags=re.S):
        if part.startswith("```"):
            drawn.append(f"<pre>{html.escape(part[3:-3].strip(chr(10)))}</pre>")
        elif part.startswith("`"):
            drawn.append(f"<code>{html.escape(part[1:-1])}</code>")
        else:
            part = html.escape(part, quote=False)
            part = re.sub(r"(?m)^-# (.*)$", r'<span class="small">\1</span>', part)
            part = re.sub(r"(?<!\\)&lt;@(\d+)&gt;", r"<b>@\1</b>", part)
            part = re.sub(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*", r"<b>\1</b>", part)
            drawn.append(unescaped(part))
    return "".join(drawn)


def component(of):
    kind = of["type"]
    if kind == 2:
        style = "primary" if of["style"] == 1 else ""
        return f'<span class="button {style}">{html.escape(of["label"])}</span>'
    if kind == 3:
        many = len(of["options"])
        return f'<span class="select">{html.escape(of["placeholder"])} ▾ ({many})</span>'
    if kind == 4:
        value = of.get("value") or of.get("placeholder", "")
        return f'<b>{html.escape(of["label"])}</b><span class="field">{html.escape(value) or "&nbsp;"}</span>'
    raise ValueError(f"no drawing of {kind}")


def rows(of):
    return "".join("<div>" + "".join(component(it) for it in row["components"]) + "</div>" for row in of)


def picture(name, files):
    """A picture of the message: itself where its file is given, else its name."""
    if files and (files / name).is_file():
        content = base64.b64encode((files / name).read_bytes()).decode()
        return f'<img src="data:image/png;base64,{content}" alt="">'
    return f'<div class="file">🖼 {html.escape(name)}</div>'


def page(payload, files):
    body = payload["body"]
    if "title" in body:
        return f'<div class="embed"><h3>{html.escape(body["title"])}</h3>{rows(body["components"])}</div>'
    drawn = f'<div>{marked(body["content"])}</div>' if body["content"] else ""
    for embed in body["embeds"]:
        colour = f'#{embed["color"]:06x}'
        shown = embed.get("image", {}).get("url", "").removeprefix("attachment://")
        shown = picture(shown, files) if shown else ""
        drawn += f'<div class="embed" style="border-color: {colour}">{marked(embed["description"])}{shown}</div>'
    shown = [embed.get("image", {}).get("url", "").removeprefix("attachment://") for embed in body["embeds"]]
    for file, what in zip(body.get("attachments", []), payload["files"]):
        if file["filename"] not in shown:
            drawn += f'<div class="file">📄 {html.escape(file["filename"])} · {what}</div>'
    name = '<div class="name"><b>calltriage</b><span>APP</span></div>'
    return f'<div class="message"><div>{name}{drawn}{rows(body["components"])}</div></div>'


def main():
    folder = pathlib.Path(__file__).parent / "../../tests/golden/discord"
    reader = argparse.ArgumentParser(description="Draws golden payloads about as Discord draws them.")
    reader.add_argument("--files", type=pathlib.Path, help="a folder with pictures of the messages")
    reader.add_argument("names", nargs="*", metavar="NAME")
    given = reader.parse_args()
    names = given.names or sorted(it.stem for it in folder.glob("*.json") if it.stem != "commands")
    print(f"<!doctype html><meta charset=utf-8><title>Discord</title><style>{STYLE}</style>")
    for name in names:
        payload = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        print(f"<h2>{html.escape(name)}</h2>{page(payload, given.files)}")


main()
