# A new branch or tag counted as a change of all files of its commit, and so of nothing that its commit lacks: one without production's files reached
# nothing. What deploys the newest tag and removes the rest would have emptied production.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ARENA_POLICY="$AMERICA"'[regions.eu]
timezones = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{environment}/{region}/**"]
refs  = ["refs/heads/main", "refs/heads/release/*", "refs/tags/v*"]
'
arena lacking --record "$ROOT/rec.jsonl"
put deploy/production/us/app 1; put deploy/production/eu/app 1; put deploy/staging/us/app 1; commit apps
clock "2025-06-01 12:00:00"; git push -q origin main
git checkout -q -b none; git rm -qr deploy/production; commit "no production"
git checkout -q -b one main; git rm -qr deploy/production/us; commit "no us"; git checkout -q main
put docs/readme 2; commit docs; docs=$(git rev-parse HEAD)
say control; clock "$CLOSED"; push origin none:refs/heads/main; push origin "$docs:refs/heads/release/1"; push origin "$docs:refs/heads/main"
say "without production"; push origin none:refs/heads/release/2; push origin none:refs/tags/v2; push origin none:refs/heads/release/3 none:refs/heads/feature
say "without one region"; push origin one:refs/tags/v3
say "when all is open"; clock "2025-07-13 12:00:00"; push origin none:refs/tags/v2; push origin one:refs/tags/v3
