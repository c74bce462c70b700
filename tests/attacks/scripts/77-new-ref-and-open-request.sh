# A new branch or tag that takes away what others deployed, and a job that deploys a branch with an open request. The last line of each case must be a refusal.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
REFS='refs = ["refs/heads/main", "refs/heads/rel/*", "refs/tags/v*"]'
MIGRATIONS='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
'"$(no_migrations production)"'
[[targets]]
'"$REFS"'
paths = ["migrations/**"]
environment = "production"
kind = "migration"
[[targets]]
'"$REFS"'
paths = ["**"]
except = ["migrations/**"]
environment = "production"
kind = "deploy"
'
job() { local variables=$1; shift; env $variables faketime -f "$CLOSED" $FG check production --record "$ROOT/rec.jsonl" "$@" > "$A/o" 2>&1; echo "[git push exit $?]"; grep -E '^(refused|allowed|error|warning)' "$A/o" | tr '\n' '|'; echo; }
# a new branch, or a tag, lacks the newest migration
for ref in refs/heads/rel/2 refs/tags/v1; do
  begin "new $ref" "$MIGRATIONS"
  put migrations/m good; S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 12:00:00"
  git checkout -q -B w; git rm -q -r migrations; R=$(made R app/a 1); git checkout -q main; deploy_job $ref $none $R "$CLOSED"
done
# anybody opens a request of a branch that is deployed
begin open-request "$MIGRATIONS"
put migrations/m 0; S=$(made S app/a 0); deploy_job $main $Z $S "2025-06-20 12:00:00"
M=$(made M migrations/m evil); git push -q origin main $M:refs/heads/x; D=$(made D app/a 1); git push -q origin $D:refs/heads/rel/1; git fetch -q
job "BUILDKITE=true BUILDKITE_SOURCE=webhook BUILDKITE_COMMIT=$D BUILDKITE_BRANCH=rel/1 BUILDKITE_PULL_REQUEST=1 BUILDKITE_PULL_REQUEST_BASE_BRANCH=x BUILDKITE_PIPELINE_DEFAULT_BRANCH=main BUILDKITE_RETRY_COUNT=0"
