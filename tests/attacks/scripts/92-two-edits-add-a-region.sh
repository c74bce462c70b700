# Two edits, each of which "opens nothing" and so passes in core hours, and which together open: the same edit in one push is refused as a `policy-change`. The first adds a region
# without core hours that production does not serve, the second lets production serve it. Then deploy/production/NEW/** goes to production in core hours; before, it was refused at any hour.
# The last push of each attack must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
regions = ["us"]
[[targets]]
paths = ["deploy/{environment}/{region}/**"]
'
add() { sed -i 's/^\[environments.production\]/[regions.new]\ntimezones = ["UTC"]\n&/' freezegate.toml; }
serve() { sed -i 's/^regions = \["us"\]/regions = ["us", "new"]/' freezegate.toml; }
to() { made "$1" "$2" evil > /dev/null; timed "$CLOSED" origin main; }
last() { git reset -q --hard origin/main; }
logged a "$P" "--record $ROOT/rec.jsonl"; say "control: before any edit"; to x deploy/production/new/app; last; to x deploy/production/us/app; last
say "control: both edits in one push"; add; serve; commit both; timed "$CLOSED" origin main; last
say "attack: one after the other"; add; commit one; timed "$CLOSED" origin main; serve; commit two; timed "$CLOSED" origin main; to x deploy/production/new/app
