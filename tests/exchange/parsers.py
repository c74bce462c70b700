"""Reads tests/data/events.ics with two programs that know nothing of each other, and writes when its events are.

    pip install icalendar recurring-ical-events python-dateutil
    python3 tests/exchange/parsers.py

The first takes zones by their names, the second by the VTIMEZONEs of the file. tests/exchange/events.rs
compares the file with what the program writes, and what is written here with the policy. Run it after a
change of src/exchange/ics/export.rs (FREEZEGATE_BLESS=1 cargo test --test library exchange:: writes the
calendar).
"""

import io
import json
import pathlib
import re
import sys
from datetime import datetime, timedelta, timezone

import dateutil
import dateutil.rrule
import dateutil.tz
import icalendar
import recurring_ical_events

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
FROM = datetime(2026, 11, 1, tzinfo=timezone.utc)
UNTIL = datetime(2028, 1, 1, tzinfo=timezone.utc)


def merged(spans):
    found = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def by_icalendar(data):
    calendar = icalendar.Calendar.from_ical(data)
    for event in recurring_ical_events.of(calendar).between(FROM, UNTIL):
        assert not event.errors, event.errors
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        yield start.astimezone(timezone.utc), end.astimezone(timezone.utc)


def by_dateutil(data):
    text = data.decode("utf-8").replace("\r\n ", "").replace("\r\n", "\n")
    zones = dateutil.tz.tzical(io.StringIO(text))
    for body in text.split("BEGIN:VEVENT\n")[1:]:
        lines = dict(line.split(":", 1) for line in body.split("END:VEVENT")[0].splitlines())
        names = {name.split(";")[0]: name for name in lines}
        zone = timezone.utc
        if "TZID=" in names["DTSTART"]:
            zone = zones.get(names["DTSTART"].split("TZID=")[1])
        read = lambda value: datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")
        start = read(lines[names["DTSTART"]])
        if "DURATION" in names:
            days, hours, minutes = re.fullmatch(r"P(\d+)D(?:T(?:(\d+)H)?(?:(\d+)M)?)?", lines["DURATION"]).groups()
            length = timedelta(days=int(days), hours=int(hours or 0), minutes=int(minutes or 0))
        else:
            length = read(lines[names["DTEND"]]) - start
        starts = [start]
        if "RRULE" in lines:
            starts = dateutil.rrule.rrulestr(lines["RRULE"], dtstart=start)
        left_out = [read(one) for one in lines[names["EXDATE"]].split(",")] if "EXDATE" in names else []
        for one in starts:
            if one > UNTIL.replace(tzinfo=None):
                break
            # by the clock on the wall
            span = [moment.replace(tzinfo=zone).astimezone(timezone.utc) for moment in (one, one + length)]
            if one not in left_out and span[1] > FROM and span[0] < UNTIL:
                yield span[0], span[1]


def main():
    data = (DATA / "events.ics").read_bytes()
    for line in data.split(b"\r\n"):
        assert len(line) <= 75 and b"\n" not in line and b"\r" not in line, line
    one, other = merged(by_icalendar(data)), merged(by_dateutil(data))
    if one != other:
        for pair in zip(one, other):
            if pair[0] != pair[1]:
                print(*pair, sep="\n")
        sys.exit(f"the programs read different times: {len(one)} and {len(other)}")
    zulu = lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    spans = [{"from": zulu(start), "until": zulu(end)} for start, end in one]
    (DATA / "events.json").write_text(json.dumps(spans, indent=1) + "\n", encoding="utf-8")
    print(f"{len(spans)} times, read alike by icalendar {icalendar.__version__} and dateutil {dateutil.__version__}")


if __name__ == "__main__":
    main()
