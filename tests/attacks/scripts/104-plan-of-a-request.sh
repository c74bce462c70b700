# The job of a pull request that names an environment deploys there (docs/src/use/ci.md; script 85). A plan that it applies is recorded without what it replaces, so that the plan
# which takes it back counts as new, and the bad value comes again in core hours as a rollback. Each last job must be 1.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["app/**"]
environment = "production"
'
plan() { printf '{"format_version":"1.2","resource_changes":[{"address":"aws_db_instance.a","type":"aws_db_instance","change":{"actions":["update"],"before":{"id":"db-1","size":"%s"},"after":{"id":"db-1","size":"%s"}}}]}' "$2" "$3" > "$A/$1"; }
job() { deploy_job $main $S $S "$2" --plan "$A/$1"; grep -E '  rollback' "$A/o"; } # FILE TIME
request_job() { # FILE TIME: a job of a request into main that deploys to production
  printf '{"pull_request":{"base":{"sha":"%s","ref":"main"},"head":{"sha":"%s","ref":"request"}},"repository":{"default_branch":"main"}}' "$S" "$M" > "$A/event.json"
  git push -qf origin "$M:refs/heads/request"; git fetch -q; git checkout -q $M
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=pull_request GITHUB_SHA=$M GITHUB_REF=refs/pull/1/merge GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
    at "$2" $FG check production --record "$ROOT/rec.jsonl" --plan "$A/$1" > "$A/o" 2>&1; echo "[git push exit $?]"; grep -E '^(refused|allowed|error|warning)|  rollback' "$A/o" | tr '\n' '|'; echo; git checkout -q main
}
for who in main request; do
  begin a "$P" > /dev/null; say "the bad plan is applied by a job of $who"; S=$(made S app/a 1); deploy_job $main $Z $S "2025-07-06 10:00:00" > /dev/null
  git checkout -q -b request; M=$(made M docs/x 1); git checkout -q main
  plan p0 good bad; if [ $who = main ]; then job p0 "2025-07-06 12:00:00"; else request_job p0 "2025-07-06 12:00:00"; fi
  plan p1 bad good; job p1 "2025-07-06 13:00:00"
  plan p2 good bad; job p2 "2025-07-07 15:00:00"
done
