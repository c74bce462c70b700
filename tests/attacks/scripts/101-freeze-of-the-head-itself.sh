# "The change is also judged by the policy of every commit that was refused since the last allowed one, and of every commit since the one whose policy is in force" (docs/src/concepts/policy-in-force.md).
# The commits that have the policy of the head itself are left out, and nothing else asks that: an emergency freeze F, whose job left no entry, is taken back (T, no job), comes again together
# with the change (E), and is taken back once more (T2). When the job of E runs, what it comes on top of (T) and the tip (T2) have the policy in force. The last job must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
'
DAY=2025-07-07
frozen() { begin a "$P" > /dev/null; say "$1"; S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00" > /dev/null
  printf '[[freezes]]\nname = "emergency"\nfrom = 2025-07-07T00:00:00\nuntil = 2025-07-09T00:00:00\ntimezone = "UTC"\nenvironments = ["production"]\n' >> freezegate.toml; F=$(made F docs/f 1); git push -q origin main; }
back() { git checkout -q $S -- freezegate.toml; T=$(made $1 docs/t $1); git push -q origin main; } # MESSAGE: the freeze is taken back, and the job for that leaves no entry
again() { git checkout -q $F -- freezegate.toml; E=$(made E app/a evil); git push -q origin main; }
job_of_E() { # BEFORE: the job of E, in a checkout where main is where it is now
  rm -rf "$A/job"; git clone -q "file://$SERVER" "$A/job"; ( cd "$A/job"; git checkout -q $E; git config freezegate.repository "$(realpath "$SERVER" | sed 's/\.git$//')"
  printf '{"before":"%s","after":"%s","ref":"%s","repository":{"default_branch":"main"}}' "$1" "$E" "$main" > "$A/event.json"
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$E GITHUB_REF=$main GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 at "$DAY 13:00:00" $FG check production --record "$ROOT/rec.jsonl" ${2-} > "$A/o" 2>&1; echo "[git push exit $?]"; ); grep -E '^(refused|allowed|error|warning)|policy' "$A/o"; }
frozen "control: E on top of F"; again; job_of_E $F
frozen "control: E on top of what takes F back, and main is at E"; back T; again; job_of_E $T
frozen "attack: and main is at what takes it back again"; back T; again; B=$T; back T2; job_of_E $B
frozen "attack: the same with --fetch"; back T; again; B=$T; back T2; job_of_E $B --fetch
# the same in the job of a pull request that deploys, or of a merge queue: the request brings the freeze and the change, and nothing has to be pushed to main after T
frozen "attack: a request, on top of what takes F back"; back T; git checkout -q $F -- freezegate.toml; E=$(made E app/a evil); git push -q origin HEAD:refs/heads/request; git reset -q --hard $T
rm -rf "$A/job"; git clone -q "file://$SERVER" "$A/job"; ( cd "$A/job"; git checkout -q $E; git config freezegate.repository "$(realpath "$SERVER" | sed 's/\.git$//')"
printf '{"pull_request":{"base":{"sha":"%s","ref":"main"},"head":{"sha":"%s","ref":"request"}},"repository":{"default_branch":"main"}}' "$T" "$E" > "$A/event.json"
GITHUB_ACTIONS=true GITHUB_EVENT_NAME=pull_request GITHUB_SHA=$E GITHUB_REF=refs/pull/1/merge GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 at "$DAY 13:00:00" $FG check production --fetch --record "$ROOT/rec.jsonl" > "$A/o" 2>&1; echo "[git push exit $?]" ); grep -E '^(refused|allowed|error|warning)|policy' "$A/o"
