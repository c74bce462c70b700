# "An emergency freeze takes effect as soon as it is on the branch, even if the job for it was refused" (docs/src/concepts/policy-in-force.md), and what a checkout lacks is exit
# status 2 (docs/src/use/ci.md). A job of a release branch whose checkout has no origin/main, as a checkout of one branch, says nothing and passes. Each last answer must be 1 or 2.
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
try() { # NAME CLONE_OPTIONS OPTIONS
  begin a "$P" > /dev/null; say "$1"
  S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00" > /dev/null
  # the freeze is on main, and its job did not run yet, or was refused
  printf '[[freezes]]\nname = "emergency"\nfrom = 2025-07-07T00:00:00\nuntil = 2025-07-09T00:00:00\ntimezone = "UTC"\n' >> freezegate.toml; commit freeze; git push -q origin main
  git checkout -q -b rel $S; R=$(made R app/a evil); git push -q origin rel:refs/heads/rel/1
  rm -rf "$A/job"; git clone -q $2 --branch rel/1 "file://$SERVER" "$A/job"; cd "$A/job"; git config freezegate.repository "$(realpath "$SERVER" | sed 's/\.git$//')"
  printf '{"before":"%s","after":"%s","ref":"refs/heads/rel/1","repository":{"default_branch":"main"}}' $none $R > "$A/event.json"
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$R GITHUB_REF=refs/heads/rel/1 GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 at "2025-07-07 12:00:00" $FG check production --record "$ROOT/rec.jsonl" $3 2>&1 | grep -E '^(refused|allowed|error|warn)|policy|recorded'; echo "[git push exit ${PIPESTATUS[0]}]"
}
try "control: a checkout of all branches" "" ""
try "control: of one branch, with --fetch" "--single-branch" "--fetch"
try "attack: of one branch" "--single-branch" ""
