# Edit 1 puts a freeze around a calendar that ended long ago in place of core hours (or of a freeze, or of soft core hours): `stale-calendar` closes at every hour, so that it "opened nothing". Edit 2 takes that freeze away: what a stale
# calendar closes stops no edit. Both passed in core hours without a signature, and so did the change after them. A stale window stands for nothing but another one now. No push may pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT/keys"; [ -f "$ROOT/keys/sam" ] || ssh-keygen -q -t ed25519 -N '' -C sam -f "$ROOT/keys/sam"
ZONES='version = 1
[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
'
TARGET='[[targets]]
paths = ["app/**"]
environment = "production"
'
CALENDAR='[calendars.c]
dates = [2025-07-01]
'
AROUND='[[freezes]]
name = "f"
timezone = "UTC"
from = "c 00:00"
until = "c +1d 00:00"
'
YEAREND='[[freezes]]
name = "year end"
from = 2025-07-08T00:00:00
until = 2025-07-19T00:00:00
timezone = "UTC"
'
LIFT='[approvers]
allowed_signers = "s"
groups = { leads = ["sam@example.com"] }
[[lifts]]
level = "soft"
signed = ["leads"]
'
ENV='[environments.production]
'
HOURS='core_hours = ["Mon-Fri 08:00-18:00"]
'
SOFT='during_core_hours = "soft"
'
short() { push origin main | grep -E '^\[|refused:|edit (opens|closes)|opens nothing'; }
try() { # NAME POLICY STALE NOTHING
  rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$POLICY" arena "$1"; say "$1"; rm "$SERVER/hooks/pre-receive"
  echo "sam@example.com namespaces=\"freezegate-grant\" $(cut -d' ' -f1,2 "$ROOT/keys/sam.pub")" > s; printf '%s' "$2" > freezegate.toml; put app/x 1; commit policy; git push -q origin main; hook --record "$ROOT/rec.jsonl"
  clock "$CLOSED"
  echo "control: the change"; put app/x evil; commit evil; short; git reset -q --hard origin/main
  echo "control: the edit in one"; printf '%s' "$4" > freezegate.toml; commit open; short; git reset -q --hard origin/main
  echo "edit 1"; printf '%s' "$3" > freezegate.toml; commit stale; short
  echo "edit 2"; printf '%s' "$4" > freezegate.toml; commit open; short
  echo "the change: must be 1"; git reset -q --hard origin/main; put app/x evil; commit evil; short
}
try core "$ZONES$HOURS$ENV$TARGET" "$ZONES$CALENDAR$ENV$AROUND$TARGET" "$ZONES$ENV$TARGET"
try year-end "$ZONES$ENV$YEAREND$TARGET" "$ZONES$CALENDAR$ENV$AROUND$TARGET" "$ZONES$ENV$TARGET"
try holidays "$ZONES$HOURS$ENV$TARGET" "$ZONES"'holidays = ["c"]
on_holidays = "closed"
'"$CALENDAR$ENV$TARGET" "$ZONES$ENV$TARGET"
try soft "$ZONES$HOURS$LIFT$ENV$SOFT$TARGET" "$ZONES$CALENDAR$LIFT$ENV$AROUND$TARGET" "$ZONES$LIFT$ENV$TARGET"
