"""Looks at the pages of `freezegate calendar` and `backtest --format html` with Chromium.

    tests/calendar/page.py PATH-OF-FREEZEGATE [FOLDER-FOR-PICTURES]

At 320 to 1600 pixels, light and dark: nothing runs out of the page, every letter has room for itself,
each link and each list that opens takes the keyboard's focus and shows it, text is at least 12 pixels
high. Writes pictures and PDFs to look at. Needs chromium; run it after a change of html.rs, palette.rs
or page.css in src/report/calendar or src/report/backtest.
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
      if (one.className !== "skip" && !one.parentElement.closest(".scroll") && box.right > root.clientWidth + 1) say(one.outerHTML.slice(0, 80) + " runs out");
      if (one.childElementCount === 0 && one.textContent.trim() && parseFloat(style.fontSize) < 12) say("small: " + one.outerHTML.slice(0, 80));
      if ((one.parentElement.getAttribute("class") || "").startsWith("bar") && one.textContent) {
        letters += 1;
        if (one.scrollWidth > Math.ceil(box.width) + 1) say("no room: " + one.outerHTML.slice(0, 80));
      }
    }
    const stops = [...page.querySelectorAll("a, summary, [tabindex]")];
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


def table(path):
    """Writes changes of half a year, three of them bad rows."""
    rows = ["time,environment,region,kind,duration,id"]
    for number in range(2000):
        month, day, hour = number % 6 + 5, number % 28 + 1, number * 7 % 24
        region, kind = ("us", "eu", "")[number % 3], ("deploy", "config", "")[number % 3]
        rows.append(f"2026-{month:02}-{day:02}T{hour:02}:{number % 60:02}:00Z,production,{region},{kind},{number % 50}m,build-{number}")
    path.write_text("\n".join(rows + ["yesterday,production,,,,"] * 3) + "\n", encoding="utf-8")


def pages(program, folder):
    """Yields the name of each page and the command that prints it."""
    for policy in ("follow-the-sun", "gitlab", "university"):
        for period in ("week", "month", "year"):
            command = [program, "calendar", "--policy", ROOT / f"policies/{policy}.toml", f"--{period}", "--from", "2026-10-20"]
            yield f"{policy}-{period}", command
    table(folder / "changes.csv")
    command = [program, "backtest", "--policy", ROOT / "policies/follow-the-sun.toml", "--changes", folder / "changes.csv"]
    yield "backtest", [*command, "--incidents", ROOT / "tests/data/incidents.json"]


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()).resolve()
    faults, seen = [], 0
    for name, command in pages(program, folder):
        page = folder / f"{name}.html"
        run = subprocess.run([*command, "--timezone", "Europe/Berlin", "--format", "html", "--output", page])
        # bad rows are told by the status
        assert run.returncode == (1 if name == "backtest" else 0), name
        text = page.read_text(encoding="utf-8")
        frames = "".join(
            f'<iframe title="{name} at {width}" width="{width}" height="800" style="border:0" srcdoc="{html.escape(text)}"></iframe>'
            for width in WIDTHS
        )
        around = folder / f"{name}-around.html"
        around.write_text(AROUND % frames, encoding="utf-8")
        for scheme in ("0", "1"):
            dom = chromium(f"--blink-settings=preferredColorScheme={scheme}", "--virtual-time-budget=60000", "--dump-dom", around.as_uri())
            found = json.loads(html.unescape(re.search(r'<pre id="found">(.*?)</pre>', dom, re.S).group(1)))
            seen += found.count(None)
            faults += [one for one in found if one]
            shade = ("dark", "light")[int(scheme)]
            chromium(
                f"--blink-settings=preferredColorScheme={scheme}",
                "--window-size=1600,1600",
                f"--screenshot={folder}/{name}-{shade}.png",
                page.as_uri(),
            )
        chromium("--no-pdf-header-footer", f"--print-to-pdf={folder}/{name}.pdf", page.as_uri())
        sheets = (folder / f"{name}.pdf").read_bytes().count(b"/Type /Page\n")
        print(f"{name}: {len(text)} bytes, {sheets} sheets")
    assert seen == 10 * 2 * len(WIDTHS), seen
    for fault in faults[:40]:
        print(fault)
    sys.exit(1 if faults else print(f"{seen} views, nothing wrong; pictures in {folder}"))


if __name__ == "__main__":
    main()
