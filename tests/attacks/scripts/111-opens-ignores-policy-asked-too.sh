# A refusal of a job by one of several policies (in force; asked too) tells when that policy opens, and leaves out the others: `by_both` (src/gate/check.rs) returns the answer of the first that refuses.
# Each case prints what the refusal says, and what the same job gets at that instant: it must be allowed then, or another instant must be named.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
T='[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
P="$AMERICA[environments.production]
$T"
freeze() { printf '[[freezes]]\nname = "stop"\nfrom = 2025-07-09T00:00:00\nuntil = %s\ntimezone = "UTC"\nenvironments = ["production"]\n' "$1"; }
try() { # NAME POLICY-ON-TIP FIRST SECOND
  begin "$1" "$P"; S=$(made A app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00" > /dev/null
  printf '%s' "$2" > freezegate.toml; commit F; git push -q origin main
  git checkout -q -B w $S; X=$(made X app/a 1); git checkout -q main
  deploy_job $rel $none $X "$3" > /dev/null; grep -E 'refused|opens|closed' "$A/o"
  deploy_job $rel $none $X "$4"; grep -E 'clock|opens' "$A/o"; }
# control: the freeze is the in-force policy's too (its own job allowed it)
begin control "$P$(freeze 2025-07-11T00:00:00)"; S=$(made A app/a 0); X=$(made X app/a 1); deploy_job $rel $Z $X "2025-07-09 21:45:00" > /dev/null; grep -E '^refused|opens' "$A/o"
try "in force closes longer at first, the tip's freeze goes on" "$P$(freeze 2025-07-11T00:00:00)" "2025-07-09 21:45:00" "2025-07-10 01:00:01"
try "the tip has a freeze and no core hours" "version = 1
[regions.us]
timezones = [\"America/New_York\"]
[environments.production]
$T$(freeze 2025-07-09T12:30:00)" "2025-07-09 11:00:00" "2025-07-09 12:30:01"
# An allowance: "closes" and `valid_until` must be 03:00, when the tip's freeze begins.
begin "closes" "$P"; S=$(made A app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00" > /dev/null
printf '%s' "$P$(freeze 2025-07-09T04:00:00 | sed 's/09T00:00:00/09T03:00:00/')" > freezegate.toml; commit F; git push -q origin main; git checkout -q -B w $S; X=$(made X app/a 1); git checkout -q main
deploy_job $rel $none $X "2025-07-09 02:30:00"; grep closes "$A/o"; say "the same job in the freeze"; deploy_job $rel $none $X "2025-07-09 03:30:00"
