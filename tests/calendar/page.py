"""Looks at the page of `freezegate calendar --format html` with Chromium.

    tests/calendar/page.py PATH-OF-FREEZEGATE [FOLDER-FOR-PICTURES]

At 320 to 1600 pixels, light and dark: nothing runs out of the page, every letter has room for itself,
each link and each list that opens takes the keyboard's focus and shows it, text is at least 12 pixels
high. Writes pictures and PDFs to look at. Needs chromium; run it after a change of html.rs, palette.rs
or page.css in src/report/calendar.
"""

import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WIDTHS = (320, 360, 768, 1600)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]

# The page itself runs no script: it lies in a frame, and the page around it measures.
AROUND = """<!DOCTYPE html><body style="margin:0">%s<pre id="found">none</pre><script>
addEventListener("load", () => {
  const found = [];
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument, root = page.documentElement, view = frame.contentWindow;
    const say = what => found.push(frame.title + ": " + what);
    if (root.scrollWidth > root.clientWidth) say("is " + root.scrollWidth + " wide");
    let letters = 0;
    for (const one of page.querySelectorAll("body *")) {
      const box = one.getBoundingClientRect(), style = view.getComputedStyle(one);
      if (one.className !== "skip" && box.right > root.clientWidth + 1) say(one.outerHTML.slice(0, 80) + " runs out");
      if (one.childElementCount === 0 && one.textContent.trim() && parseFloat(style.fontSize) < 12) say("small: " + one.outerHTML.slice(0, 80));
      if ((one.parentElement.getAttribute("class") || "").startsWith("bar") && one.textContent) {
        letters += 1;
        if (one.scrollWidth > Math.ceil(box.width) + 1) say("no room: " + one.outerHTML.slice(0, 80));
      }
    }
    const stops = [...page.querySelectorAll("a, summary")];
    for (const stop of stops) {
      stop.focus();
      if (page.activeElement !== stop) say("takes no focus: " + stop.outerHTML.slice(0, 80));
      else if (view.getComputedStyle(stop).outlineStyle === "none") say("shows no focus: " + stop.outerHTML.slice(0, 80));
    }
    if (stops.length < 2) say("has no stops");
    found.push(null);
  }
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script>"""


def chromium(*arguments):
    run = subprocess.run(["chromium", *FLAGS, *arguments], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()).resolve()
    faults, seen = [], 0
    for policy in ("follow-the-sun", "gitlab", "university"):
        for period in ("week", "month", "year"):
            page = folder / f"{policy}-{period}.html"
            subprocess.run(
                [program, "calendar", "--policy", ROOT / f"policies/{policy}.toml", f"--{period}", "--from", "2026-10-20"]
                + ["--timezone", "Europe/Berlin", "--format", "html", "--output", page],
                check=True,
            )
            text = page.read_text(encoding="utf-8")
            frames = "".join(
                f'<iframe title="{policy} {period} at {width}" width="{width}" height="800" style="border:0" srcdoc="{html.escape(text)}"></iframe>'
                for width in WIDTHS
            )
            around = folder / f"{policy}-{period}-around.html"
            around.write_text(AROUND % frames, encoding="utf-8")
            for scheme in ("0", "1"):
                dom = chromium(f"--blink-settings=preferredColorScheme={scheme}", "--virtual-time-budget=60000", "--dump-dom", around.as_uri())
                found = json.loads(html.unescape(re.search(r'<pre id="found">(.*?)</pre>', dom, re.S).group(1)))
                seen += found.count(None)
                faults += [one for one in found if one]
                name = ("dark", "light")[int(scheme)]
                chromium(
                    f"--blink-settings=preferredColorScheme={scheme}",
                    "--window-size=1600,1600",
                    f"--screenshot={folder}/{policy}-{period}-{name}.png",
                    page.as_uri(),
                )
            chromium("--no-pdf-header-footer", f"--print-to-pdf={folder}/{policy}-{period}.pdf", page.as_uri())
            sheets = (folder / f"{policy}-{period}.pdf").read_bytes().count(b"/Type /Page\n")
            print(f"{policy} {period}: {len(text)} bytes, {sheets} sheets")
    assert seen == 9 * 2 * len(WIDTHS), seen
    for fault in faults[:40]:
        print(fault)
    sys.exit(1 if faults else print(f"{seen} views, nothing wrong; pictures in {folder}"))


if __name__ == "__main__":
    main()
