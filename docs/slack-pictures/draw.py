#!/usr/bin/env python3
"""Draws golden payloads of tests/golden/slack as HTML, about as Slack draws Block Kit, for a person to look at.

Usage: draw.py NAME… > page.html       (NAME as in tests/golden/slack/NAME.json; all without one)
       chromium --headless --no-sandbox --screenshot=page.png --window-size=760,880 page.html
"""

import html
import json
import pathlib
import re
import sys

EMOJI = {
    "red_circle": "🔴", "large_green_circle": "🟢", "large_yellow_circle": "🟡", "large_blue_circle": "🔵",
    "white_check_mark": "✅", "white_circle": "⚪", "heavy_minus_sign": "➖", "hourglass_flowing_sand": "⏳",
    "warning": "⚠️", "lock": "🔒", "question": "❓", "page_facing_up": "📄", "x": "❌",
    "small_orange_diamond": "🔸", "speech_balloon": "💬",
}

STYLE = """
body { font: 15px/1.46 Lato, 'Helvetica Neue', Arial, sans-serif; color: #1d1c1d; width: 700px; margin: 20px; }
h2 { font-size: 13px; color: #888; border-top: 1px solid #ddd; padding-top: 12px; }
.message { display: grid; grid-template-columns: 44px 1fr; }
.message::before { content: '☎'; background: #1b3a4b; color: white; width: 36px; height: 36px; border-radius: 6px;
  display: grid; place-items: center; }
.block { margin: 6px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.small { font-size: 13px; color: #616061; }
code { font: 12px Menlo, 'DejaVu Sans Mono', monospace; color: #c01343; background: #f6f6f6; border: 1px solid #ddd;
  border-radius: 3px; padding: 1px 3px; }
pre { font: 12px/1.5 Menlo, 'DejaVu Sans Mono', monospace; background: #f6f6f6; border: 1px solid #ddd;
  border-radius: 4px; padding: 8px; white-space: pre-wrap; margin: 4px 0; }
.button, .select, .field { display: inline-block; border: 1px solid #bbb; border-radius: 4px; padding: 3px 10px;
  margin: 2px 6px 2px 0; font-weight: 700; font-size: 13px; }
.primary { background: #007a5a; color: white; border-color: #007a5a; }
.field { display: block; font-weight: 400; }
.label { font-weight: 700; }
.file { border: 1px solid #ddd; border-radius: 8px; padding: 8px; margin: 6px 0; font-size: 13px; }
hr { border: 0; border-top: 1px solid #ddd; }
"""


def marked(text):
    """mrkdwn as HTML: what is escaped in it is escaped in HTML too."""
    parts = re.split(r"(```.*?```|`[^`\n]+`)", text, flags=re.S)
    drawn = []
    for part in parts:
        if part.startswith("```"):
            drawn.append(f"<pre>{part[3:-3].strip(chr(10))}</pre>")
        elif part.startswith("`"):
            drawn.append(f"<code>{part[1:-1]}</code>")
        else:
            part = re.sub(r"<@(\w+)>", r"<b>@\1</b>", part)
            part = re.sub(r"(?<!\w)\*([^*\n]+)\*(?!\w)", r"<b>\1</b>", part)
            drawn.append(re.sub(r":(\w+):", lambda it: EMOJI.get(it[1], it[0]), part))
    return "".join(drawn)


def text(of):
    return marked(of["text"]) if of["type"] == "mrkdwn" else html.escape(of["text"])


def element(of):
    if of["type"] == "button":
        return f'<span class="button {of.get("style", "")}">{text(of["text"])}</span>'
    if of["type"] == "static_select":
        many = len(of["options"])
        return f'<span class="select">{text(of["placeholder"])} ▾</span><span class="small">{many} to choose from</span>'
    return f'<span class="field">{html.escape(of.get("initial_value", "")) or "&nbsp;"}</span>'


def block(of):
    kind = of["type"]
    if kind == "divider":
        return "<hr>"
    if kind == "section":
        beside = element(of["accessory"]) if "accessory" in of else ""
        return f'<div class="block">{text(of["text"])} {beside}</div>'
    if kind == "context":
        return '<div class="block small">' + " ".join(text(it) for it in of["elements"]) + "</div>"
    if kind == "actions":
        return '<div class="block">' + "".join(element(it) for it in of["elements"]) + "</div>"
    if kind == "input":
        return f'<div class="block"><span class="label">{text(of["label"])}</span>{element(of["element"])}</div>'
    raise ValueError(f"no drawing of {kind}")


def page(payload):
    body = "".join(block(it) for it in payload["blocks"])
    if payload.get("type") == "modal":
        head = f'<p class="label">{text(payload["title"])}</p>'
        foot = f'<span class="button">{text(payload["close"])}</span><span class="button primary">{text(payload["submit"])}</span>'
        return f"<div>{head}{body}{foot}</div>"
    for file in payload.get("files", []):
        what = file["content"] if isinstance(file["content"], str) else f'{len(file["content"])} lines'
        body += f'<div class="file"><b>{html.escape(file["name"])}</b> · {html.escape(file["title"])} · {what}</div>'
    return f'<div class="message"><div>{body}</div></div>'


def main():
    folder = pathlib.Path(__file__).parent / "../../tests/golden/slack"
    names = sys.argv[1:] or sorted(it.stem for it in folder.glob("*.json"))
    print(f"<!doctype html><meta charset=utf-8><title>Slack</title><style>{STYLE}</style>")
    for name in names:
        payload = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        print(f"<h2>{html.escape(name)}</h2>{page(payload)}")


main()
