# A job that `workflow_run` starts has the default branch as its ref, whatever it checks out: the commit of a request was recorded as a state of main, and its policy came into force there, which locked main out for a year. Such a job is
# exit 2 now, and main goes on in all cases.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["app/**"]
environment = "production"
[[targets]]
paths = ["preview/**"]
environment = "staging"
'
preview() { # EVENT COMMIT TIME: a job that deploys a request's commit to staging
  local m v; git fetch -q origin; git checkout -q "$2"; m=$(git rev-parse origin/main)
  case $1 in
  workflow_run) v="GITHUB_SHA=$m GITHUB_REF=$main"; printf '{"repository":{"default_branch":"main"},"workflow_run":{"head_sha":"%s","event":"pull_request"}}' "$2" > "$A/event.json";;
  pull_request) v="GITHUB_SHA=$2 GITHUB_REF=refs/pull/7/merge"; printf '{"repository":{"default_branch":"main"},"pull_request":{"base":{"sha":"%s","ref":"main"},"head":{"sha":"%s","ref":"pr"}}}' "$m" "$2" > "$A/event.json";;
  esac
  env $v GITHUB_EVENT_NAME=$1 GITHUB_ACTIONS=true GITHUB_EVENT_PATH="$A/event.json" GITHUB_ACTOR=mallory GITHUB_RUN_ATTEMPT=1 faketime -f "$3" $FG check staging --record "$ROOT/rec.jsonl" > "$A/o" 2>&1
  echo "[$1 of the request: exit $?]"; git checkout -q main; }
for case in "allowed 2025-07-07" "refused 2025-07-01"; do for event in pull_request workflow_run; do
  begin "${case% *}-$event" "$P"
  S=$(made s app/a good); deploy_job $main $Z $S "$OPEN" | head -1
  git checkout -q -b pr; printf '[[freezes]]\nname = "f"\nfrom = %sT00:00:00\nuntil = 2026-07-01T00:00:00\ntimezone = "UTC"\n' "${case#* }" >> freezegate.toml
  X=$(made request preview/x 1); git push -q origin HEAD:refs/pull/7/head; git checkout -q main
  preview $event $X "2025-07-06 13:00:00"
  Q=$(made honest app/a good2); echo "honest push to main, a Sunday, which is open:"; deploy_job $main $S $Q "2025-07-13 12:00:00" | head -1
  grep -E '^(refused|allowed)|policy-from|  (opens|override|policy) ' "$A/o"; git log --format=%h origin/main | grep -q "$(git rev-parse --short $X)" && echo "X is on main" || echo "(the request's commit is not on main)"
  Q2=$(made honest2 app/a good3); echo "the next:"; deploy_job $main $Q $Q2 "2025-07-20 12:00:00" | head -1
  Q3=$(made honest3 app/a good4); echo "with --policy-from, as SECURITY.md says:"; deploy_job $main $Q2 $Q3 "2025-07-20 13:00:00" --policy-from $S | head -1
done; done
