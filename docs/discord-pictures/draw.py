#!/usr/bin/env python3
"""Draws golden payloads of tests/golden/discord about as Discord draws them, for a person to look at.

Usage: draw.py [--files FOLDER] [NAME…] > page.html           (NAME as in tests/golden/discord/NAME.json; all without one)
       draw.py [--files FOLDER] --png PICTURE.png [NAME…]     (by chromium)
"""

import argparse
import base64
import html
import json
import pathlib
import re
import subprocess
import tempfile

STYLE = """
body { font: 15px/1.4 'gg sans', 'Noto Sans', Helvetica, Arial, sans-serif; color: #dbdee1; background: #313338;
  width: 700px; margin: 20px; overflow: hidden; }
h2 { font-size: 13px; color: #949ba4; margin: 0 0 12px; }
h2:not(:first-child) { border-top: 1px solid #3f4147; padding-top: 12px; margin-top: 20px; }
.embed { background: #2b2d31; border-left: 4px solid; border-radius: 4px; padding: 10px 14px; margin: 6px 0;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: 14px; }
.small { font-size: 12px; color: #949ba4; }
code { font: 12px Menlo, 'DejaVu Sans Mono', monospace; background: #1e1f22; border-radius: 3px; padding: 1px 3px; }
pre { font: 12px/1.4 Menlo, 'DejaVu Sans Mono', monospace; background: #1e1f22; border-radius: 4px; padding: 8px;
  white-space: pre-wrap; margin: 4px 0; }
.button, .select { display: inline-block; background: #4e5058; border-radius: 4px; padding: 5px 14px;
  margin: 4px 8px 4px 0; font-size: 14px; color: white; }
.select { display: block; background: #1e1f22; width: 400px; box-sizing: border-box; }
.select i { font-style: normal; float: right; color: #949ba4; }
.options { background: #2b2d31; border: 1px solid #1e1f22; border-radius: 4px; width: 400px; box-sizing: border-box;
  margin: -2px 0 6px; font-size: 13px; }
.options div { padding: 7px 14px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.options div.chosen { background: #404249; }
.primary { background: #5865f2; }
.message { display: grid; grid-template-columns: 54px 1fr; }
.message::before { content: '☎'; background: #1b3a4b; color: white; width: 40px; height: 40px; border-radius: 50%;
  display: grid; place-items: center; }
.name b { color: white; }
.name span { background: #5865f2; color: white; border-radius: 3px; font-size: 10px; padding: 1px 4px; margin-left: 4px; }
.embed img { display: block; width: 400px; border-radius: 4px; margin-top: 8px; }
.modal { background: #313338; border: 1px solid #1e1f22; border-radius: 8px; width: 440px; overflow: hidden; }
.modal h3 { margin: 16px 16px 4px; font-size: 20px; color: white; }
.modal .inputs { padding: 0 16px 8px; font-size: 14px; white-space: pre-wrap; }
.modal .inputs > div { margin-top: 14px; }
.modal .select, .modal .options { width: 100%; }
.modal .end { background: #2b2d31; padding: 12px 16px; text-align: right; font-size: 14px; }
.modal .end .button { margin: 0 0 0 12px; }
.required { color: #f23f43; }
.field { display: block; background: #1e1f22; border-radius: 3px; padding: 8px; margin-top: 6px; }
.field.lines { min-height: 54px; }
.hint { color: #87898c; }
.file { background: #2b2d31; border-radius: 6px; padding: 8px; margin: 6px 0; font-size: 13px; color: #00a8fc; }
"""


def unescaped(text):
    """What a backslash keeps from being markup, as it is shown."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


def marked(text):
    """Discord's markdown as HTML."""
    drawn = []
    for part in re.split(r"(```.*?```\n?|`[^`\n]+`)", text, flags=re.S):
        if part.startswith("```"):
            # The end of its line belongs to it.
            drawn.append(f"<pre>{html.escape(part.rstrip(chr(10))[3:-3].strip(chr(10)))}</pre>")
        elif part.startswith("`"):
            drawn.append(f"<code>{html.escape(part[1:-1])}</code>")
        else:
            part = html.escape(part, quote=False)
            part = re.sub(r"(?m)^-# (.*)$", r'<span class="small">\1</span>', part)
            part = re.sub(r"(?<!\\)&lt;@(\d+)&gt;", r"<b>@\1</b>", part)
            part = re.sub(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*", r"<b>\1</b>", part)
            drawn.append(unescaped(part))
    return "".join(drawn)


def select(of, shown=5):
    """A select, opened: what can be chosen is what it is for."""
    options = of["options"]
    drawn = "".join(
        f'<div{" class=chosen" if it.get("default") else ""}>{html.escape(it["label"])}</div>' for it in options[:shown]
    )
    if len(options) > shown:
        drawn += f'<div class="hint">… {len(options) - shown} more</div>'
    chosen = [it["label"] for it in options if it.get("default")]
    stands = chosen[0] if chosen else of.get("placeholder", "")
    return f'<span class="select">{html.escape(stands)}<i>▾</i></span><div class="options">{drawn}</div>'


def written(of):
    """A field that is written in: what stands in it, else what is wanted there."""
    kind = "field lines" if of["style"] == 2 else "field"
    if of.get("value"):
        return f'<span class="{kind}">{html.escape(of["value"])}</span>'
    return f'<span class="{kind} hint">{html.escape(of.get("placeholder", "")) or "&nbsp;"}</span>'


def labelled(label, description, of):
    """A field of a form with its name, a star where it may not be left empty."""
    star = ' <span class="required">*</span>' if of.get("required", True) else ""
    wanted = f'<span class="small"><br>{html.escape(description)}</span>' if description else ""
    drawn = select(of) if of["type"] == 3 else written(of)
    return f"<div><b>{html.escape(label)}</b>{star}{wanted}{drawn}</div>"


def component(of):
    kind = of["type"]
    if kind == 2:
        style = "primary" if of["style"] == 1 else ""
        return f'<span class="button {style}">{html.escape(of["label"])}</span>'
    if kind == 3:
        return select(of)
    raise ValueError(f"no drawing of {kind}")


def rows(of):
    return "".join("<div>" + "".join(component(it) for it in row["components"]) + "</div>" for row in of)


def modal(body):
    """A form, as it stands over all else."""
    drawn = ""
    for part in body["components"]:
        if part["type"] == 10:
            drawn += f'<div>{marked(part["content"])}</div>'
        elif part["type"] == 18:
            drawn += labelled(part["label"], part.get("description"), part["component"])
        else:
            drawn += "".join(labelled(it["label"], None, it) for it in part["components"])
    end = '<div class="end">Cancel<span class="button primary">Submit</span></div>'
    return f'<div class="modal"><h3>{html.escape(body["title"])}</h3><div class="inputs">{drawn}</div>{end}</div>'


def picture(name, files):
    """A picture of the message: itself where its file is given, else its name."""
    if files and (files / name).is_file():
        content = base64.b64encode((files / name).read_bytes()).decode()
        return f'<img src="data:image/png;base64,{content}" alt="">'
    return f'<div class="file">🖼 {html.escape(name)}</div>'


def page(payload, files):
    body = payload["body"]
    if "title" in body:
        return modal(body)
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


def photographed(drawn, picture):
    """Lets chromium draw a page, as high as it is."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "page.html"
        file.write_text(drawn, encoding="utf-8")
        chromium = ["chromium", "--headless", "--no-sandbox", "--window-size=740,100"]
        ruler = "<script>document.title = Math.ceil(document.body.getBoundingClientRect().bottom) + 20</script>"
        measured = file.with_name("measured.html")
        measured.write_text(drawn + ruler, encoding="utf-8")
        told = subprocess.run([*chromium, "--dump-dom", str(measured)], capture_output=True, text=True, check=True)
        height = re.search(r"<title>(\d+)</title>", told.stdout).group(1)
        chromium[-1] = f"--window-size=740,{height}"
        subprocess.run([*chromium, f"--screenshot={picture}", str(file)], capture_output=True, check=True)


def main():
    folder = pathlib.Path(__file__).parent / "../../tests/golden/discord"
    reader = argparse.ArgumentParser(description="Draws golden payloads about as Discord draws them.")
    reader.add_argument("--files", type=pathlib.Path, help="a folder with pictures of the messages")
    reader.add_argument("--png", type=pathlib.Path, help="the picture to make, instead of a page")
    reader.add_argument("names", nargs="*", metavar="NAME")
    given = reader.parse_args()
    names = given.names or sorted(it.stem for it in folder.glob("*.json") if it.stem != "commands")
    drawn = f"<!doctype html><meta charset=utf-8><title>Discord</title><style>{STYLE}</style>"
    for name in names:
        payload = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        drawn += f"<h2>{html.escape(name)}</h2>{page(payload, given.files)}"
    if given.png:
        photographed(drawn, given.png.absolute())
    else:
        print(drawn)


main()
