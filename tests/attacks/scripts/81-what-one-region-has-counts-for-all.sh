# Production in `eu` was brought to a migration, by a job with `--region eu`. Nothing is known of `us`. A job for all regions is compared with what `eu` has alone, so
# that the migration comes to `us` in its freeze. "If the record knows nothing of the environment, everything counts as changed there" (docs/src/use/ci.md). The last job must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones = ["UTC"]
[regions.eu]
timezones = ["UTC"]
[environments.production]
[environments.staging]
'"$(no_migrations production)"'
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["migrations/**"]
environment = "production"
kind = "migration"
[[targets]]
refs = ["refs/heads/main", "refs/heads/rel/*"]
paths = ["app/**"]
environment = "production"
kind = "deploy"
'
try() { # NAME, then the environment and options of the first job, then those of the last
  begin a "$P" > /dev/null; say "$1"; git checkout -q -b rel
  put app/a 0; M=$(made M migrations/m 1); environment=$2 deploy_job ${5:-refs/heads/rel/1} $([ "${5:-}" ] && echo $Z || echo $none) $M "2025-07-06 12:00:00" $3 > /dev/null
  git push -q origin $M:main; git checkout -q -B main $M
  N=$(made N app/a 1); deploy_job $main $M $N "$CLOSED" $4; grep '  judged' "$A/o"
}
try "control: staging only" staging "" ""
try "control: eu, and then us" production "--region eu" "--region us"
try "attack: eu, and then all" production "--region eu" ""
try "attack: eu, and then both" production "--region eu" "--region eu --region us"
try "attack: --declared-only eu, and then all" production "--declared-only --region eu" ""
try "attack: eu, and then all, one branch" production "--region eu" "" $main
