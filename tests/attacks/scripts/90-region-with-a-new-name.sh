# A release branch brought a migration to production in `eu`. Then `eu` is renamed to `emea`, by an edit of the policy that a job for staging deploys. The default branch, which has
# no migration, deploys with `--region emea` in the freeze of migrations: it takes the migration back there. "What other branches or jobs brought to the same regions and services
# since is compared too" (docs/src/use/ci.md): a name that the policy no longer defines may be any. Each attack must be refused; the last control passes.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones = ["UTC"]
[regions.eu]
timezones = ["UTC"]
[services.api]
[services.web]
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
paths = ["app/**", "freezegate.toml"]
environment = "production"
kind = "deploy"
'
try() { # NAME, options of the job that brings the migration, the edit (sed), options of the last job
  begin a "$P" > /dev/null; say "$1"
  S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 10:00:00" > /dev/null
  git checkout -q -b rel $S; M=$(made M migrations/m 1); deploy_job refs/heads/rel/1 $none $M "2025-07-06 11:00:00" $2; git checkout -q main
  sed -i "$3" freezegate.toml; commit edit; git push -q origin main; R=$(git rev-parse HEAD); environment=staging deploy_job $main $S $R "2025-07-06 12:00:00" --declared-only
  N=$(made N app/a 1); deploy_job $main $R $N "$CLOSED" $4; grep -E '  judged|^refused|^error' "$A/o"
}
try "control: the same name" "--region eu" "s/zzz//" "--region eu"
try "attack: a new name" "--region eu" "s/regions.eu/regions.emea/" "--region emea"
try "attack: a service with a new name" "--service api" "s/services.api/services.core/" "--service core"
try "control: a region that both define" "--region eu" "s/zzz//" "--region us"
