"""Compares `freezegate import ics` with recurring-ical-events on random calendars.

    pip install icalendar recurring-ical-events
    cargo build
    python3 tests/exchange/differential.py [SEED [SECONDS]]

Each calendar has events in four zones with rules, exceptions, further dates and moved dates. The policy
that is written for it has to be closed when the events are, over most of a year with both clock
changes. Run it after a change of src/exchange/ics.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "target" / "debug" / "freezegate"
THIS_YEAR = datetime.now(timezone.utc).year
FROM = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
UNTIL = FROM + timedelta(days=350)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata"]


def basic(moment):
    return moment.strftime("%Y%m%dT%H%M%S")


def moment(year, last_hour=23):
    # no clock changes from 04:00 on
    return datetime(
        year, random.randint(1, 11), random.randint(1, 28), random.randint(4, last_hour), random.choice([0, 30])
    )


def rule(start):
    frequency = random.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"])
    parts = ["FREQ=" + frequency]
    weekday, place = DAYS[start.weekday()], (start.day - 1) // 7 + 1
    if random.random() < 0.4:
        parts.append(f"INTERVAL={random.randint(2, 3)}")
    if frequency == "WEEKLY" and random.random() < 0.6:
        parts.append("BYDAY=" + ",".join(sorted({weekday, *random.sample(DAYS, random.randint(0, 3))})))
    if frequency == "WEEKLY" and random.random() < 0.3:
        parts.append("WKST=" + random.choice(["MO", "SU"]))
    if frequency == "MONTHLY":
        days = [f"BYMONTHDAY={start.day}", f"BYDAY={weekday};BYSETPOS={place}"]
        days += [f"BYDAY={place}{weekday}"] if place < 5 else []
        parts += random.choice([[], *[[day] for day in days]])
    if frequency == "YEARLY" and random.random() < 0.5:
        parts.append(f"BYMONTH={start.month};BYMONTHDAY={start.day}")
    parts += random.choice([[], [], [f"COUNT={random.randint(1, 120)}"], [f"UNTIL={basic(moment(THIS_YEAR + 1))}Z"]])
    return ";".join(parts)


def lines(number, zone, name, start, end, more):
    head = ["BEGIN:VEVENT", f"UID:{number}", "DTSTAMP:20260101T000000Z", *more]
    return [*head, f"DTSTART;TZID={zone}:{basic(start)}", f"DTEND;TZID={zone}:{basic(end)}", f"SUMMARY:{name}", "END:VEVENT"]


def calendar(events):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN", *events, "END:VCALENDAR", ""])


def times(text, margin=timedelta()):
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(FROM - margin, UNTIL + margin)
    return [(event["DTSTART"].dt, event["DTEND"].dt) for event in events]


def event(number):
    zone, start = random.choice(ZONES), moment(THIS_YEAR)
    end = start + timedelta(minutes=random.choice([30, 60, 240, 600, 1500, 3720]))
    more = [f"RRULE:{rule(start)}"] if random.random() < 0.9 else []
    if random.random() < 0.3:
        more.append(f"RDATE;TZID={zone}:{basic(moment(THIS_YEAR + 1))}")
    found = times(calendar(lines(number, zone, "master", start, end, more)))
    picked = random.sample(found, min(len(found), 2)) if len(more) and random.random() < 0.5 else []
    local = [basic(one[0].astimezone(ZoneInfo(zone))) for one in picked]
    moved = []
    if local:
        more.append(f"EXDATE;TZID={zone}:{local[0]}")
    if len(local) > 1:
        to = moment(THIS_YEAR + 1, 20)
        moved = lines(number, zone, "moved", to, to + timedelta(hours=2), [f"RECURRENCE-ID;TZID={zone}:{local[1]}"])
    return lines(number, zone, "master", start, end, more) + moved


def gaps(spans):
    found, at = [], FROM
    for start, end in sorted(span for span in spans if span[0] < UNTIL):
        if at < start:
            found.append((at, start))
        at = max(at, end)
    return found + ([(at, UNTIL)] if at < UNTIL else [])


def opened(policy):
    command = [PROGRAM, "calendar", "--policy", policy, "--year", "--format", "json", "--timezone", "UTC"]
    answer = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    spans = [(one["from"], one["until"]) for one in answer["environments"][0]["open_everywhere"]]
    spans = [tuple(datetime.fromisoformat(at.replace("Z", "+00:00")) for at in span) for span in spans]
    clipped = [(max(start, FROM), min(end, UNTIL)) for start, end in spans]
    return [(start, end) for start, end in clipped if start < end]


def main():
    random.seed(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    end = time.monotonic() + float(sys.argv[2] if len(sys.argv) > 2 else 60)
    compared = refused = 0
    cut = (UNTIL + timedelta(days=10)).date().isoformat()
    with tempfile.TemporaryDirectory() as folder:
        policy = pathlib.Path(folder) / "freezegate.toml"
        while time.monotonic() < end:
            text = calendar([line for number in range(random.randint(1, 3)) for line in event(number)])
            command = [PROGRAM, "import", "ics", "-", "--until", cut]
            done = subprocess.run(command, input=text.encode(), capture_output=True)
            if done.returncode:
                refused += 1
                continue
            policy.write_bytes(done.stdout)
            spans = [tuple(at.astimezone(timezone.utc) for at in span) for span in times(text, timedelta(days=5))]
            expected, found = gaps(spans), opened(policy)
            compared += 1
            if expected != found:
                print(text, done.stdout.decode(), *[pair for pair in zip(expected, found) if pair[0] != pair[1]][:1], sep="\n")
                sys.exit("the policy is closed at other times than the events")
    assert compared > refused, f"{refused} of {compared + refused} calendars are refused"
    print(f"{compared} calendars are closed alike, {refused} are refused")


if __name__ == "__main__":
    main()
