# A job names its environment by its alias (GitLab: environment name `prod`). If the first decision of a record is a refusal, every later job of that name is exit
# status 2 at any hour. The message says something false of the newest decision, too. Each last job must pass.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
aliases = ["prod"]
[[targets]]
paths = ["deploy/**"]
environment = "production"
'
for environment in production prod; do
  begin $environment "$P"
  X=$(made X deploy/a 1); deploy_job $main $Z $X "$CLOSED"; grep undo "$A/o"
  deploy_job $main $Z $X "2025-07-12 12:00:00"; cat "$A/o" | head -8
  git revert --no-edit $X > /dev/null; deploy_job $main $X $(git rev-parse HEAD) "2025-07-12 12:10:00"
done
begin "prod, first allowed" "$P" 2>/dev/null
environment=prod; X=$(made X deploy/a 1); deploy_job $main $Z $X "2025-07-06 12:00:00"
Y=$(made Y deploy/a 2); deploy_job $main $X $Y "$CLOSED"; deploy_job $main $X $Y "2025-07-12 12:00:00"
