"""Reads tests/data/calendar.ics with two parsers that know nothing of each other, and writes what both read.

    pip install icalendar vobject
    python3 tests/calendar/parsers.py

tests/calendar.rs compares the file with what the program writes, and what is written here with the
windows. Run it after a change of src/report/calendar/ics.rs (FREEZEGATE_BLESS=1 cargo test --test
library calendar:: writes the calendar).
"""

import json
import pathlib
import sys
from datetime import timezone

import icalendar
import vobject

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
KEYS = ("uid", "stamp", "from", "until", "summary", "description", "categories", "transparency")


def utc(moment):
    assert moment.tzinfo is not None, "an instant without a zone"
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def by_icalendar(data):
    calendar = icalendar.Calendar.from_ical(data)
    for event in calendar.walk("VEVENT"):
        assert not event.errors, event.errors
        yield (
            str(event["UID"]),
            utc(event.decoded("DTSTAMP")),
            utc(event.decoded("DTSTART")),
            utc(event.decoded("DTEND")),
            str(event["SUMMARY"]),
            str(event["DESCRIPTION"]),
            [str(one) for one in event["CATEGORIES"].cats],
            str(event["TRANSP"]),
        )


def by_vobject(data):
    calendar = vobject.readOne(data.decode("utf-8"))
    calendar.validate(raiseException=True)
    for event in calendar.vevent_list:
        yield (
            event.uid.value,
            utc(event.dtstamp.value),
            utc(event.dtstart.value),
            utc(event.dtend.value),
            event.summary.value,
            event.description.value,
            list(event.categories.value),
            event.transp.value,
        )


def main():
    data = (DATA / "calendar.ics").read_bytes()
    for line in data.split(b"\r\n"):
        assert len(line) <= 75 and b"\n" not in line and b"\r" not in line, line
        line.decode("utf-8")
    one, other = list(by_icalendar(data)), list(by_vobject(data))
    if one != other:
        for pair in zip(one, other):
            if pair[0] != pair[1]:
                print(*pair, sep="\n")
        sys.exit("the parsers read different events")
    assert len({event[0] for event in one}) == len(one), "a UID stands twice"
    events = [dict(zip(KEYS, event)) for event in one]
    text = json.dumps(events, indent=1, ensure_ascii=False)
    (DATA / "calendar.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(events)} events, read alike by icalendar {icalendar.__version__} and vobject {vobject.VERSION}")


if __name__ == "__main__":
    main()
