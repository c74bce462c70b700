# As three-edits-open-a-region.sh, in the hard freeze of the year end, with one region alone, and by a service. Each edit "opens nothing" and passes in the freeze. Last pushes must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
FREEZE='[[freezes]]
name = "year end"
from = 2025-07-01T00:00:00
until = 2025-07-20T00:00:00
timezone = "UTC"
'
NOW="2025-07-09 09:00:00"
write() { printf '%s\n' "$@" > freezegate.toml; }
to() { git add -A; git commit -q -m "$1"; timed "$NOW" origin main; }
V='version = 1'; US='[regions.us]
timezones = ["America/New_York"]
core_hours = ["Mon-Fri 08:00-18:00"]'; NEW='[regions.new]
timezones = ["America/New_York"]
core_hours = ["Mon-Fri 08:00-18:00"]'; PROD='[environments.production]'; T='[[targets]]
paths = ["deploy/{environment}/{region}/**"]'
logged a "$V
$US
$PROD
$T
$FREEZE" "--record $ROOT/rec.jsonl" > /dev/null; say "one region, in the freeze"; S=$(git rev-parse HEAD)
put deploy/production/us/app evil; to "control: refused"; git reset -q --hard $S
write "$V" "$US" "$NEW" "$PROD" 'regions = ["us"]' "$T" "$FREEZE"; to 1
write "$V" "$US" "$NEW" "$PROD" 'regions = ["us", "new"]' "$T" "$FREEZE"; to 2
write "$V" "$US" "$NEW" "$PROD" 'regions = ["new"]' "$T" "$FREEZE"; to 3
write "$V" "$(printf '%s\n' "$US" | grep -v core)" "$NEW" "$PROD" 'regions = ["new"]' "$T" "$FREEZE" 'regions = ["new"]'; to 4
write "$V" "$(printf '%s\n' "$US" | grep -v core)" "$NEW" "$PROD" "$T" "$FREEZE" 'regions = ["new"]'; to 5
put deploy/production/us/app evil; to "attack"
T='[services.api]
[services.web]
[[targets]]
paths = ["services/{service}/**"]
environment = "production"'
logged b "$V
$US
$PROD
$T
$FREEZE" "--record $ROOT/rec.jsonl" > /dev/null; say "a service, in core hours and in the freeze"; S=$(git rev-parse HEAD); NOW="2025-07-09 15:00:00"
put services/api/app evil; to "control: refused"; git reset -q --hard $S
A1='[regions.free]
timezones = ["UTC"]
[environments.lab]
regions = ["free"]'; TA=$(printf '%s\n' "$T" | sed 's/^\[services.api\]/&\nregions = ["free"]/')
LAB=$(printf '%s\n' "$FREEZE" | sed 's/year end/lab/'; echo 'environments = ["lab"]')
write "$V" "$US" "$A1" "$PROD" 'regions = ["us"]' "$TA" "$FREEZE" "$LAB"; to 1
write "$V" "$US" "$A1" "$PROD" 'regions = ["us"]' "$TA" "$FREEZE" 'regions = ["us"]' "$LAB"; to 2
write "$V" "$US" "$A1" "$PROD" "$TA" "$FREEZE" 'regions = ["us"]' "$LAB"; to 3
put services/api/app evil; to "attack"
