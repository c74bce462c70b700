# Script 81 with two regions whose names differ in case alone, which a policy may have ("They match exactly"). What a job brought to `EU` counts as what `eu` has: the record keeps the words of
# `--region` in small letters. So the migration comes to `eu` in its freeze. The last job of the attack must be refused, as that of the control.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
policy() { printf 'version = 1
[regions.%s]
timezones = ["UTC"]
[regions.eu]
timezones = ["UTC"]
[environments.production]
[environments.staging]
%sregions = ["eu"]
[[targets]]
paths = ["migrations/**"]
environment = "production"
kind = "migration"
[[targets]]
paths = ["app/**"]
environment = "production"
kind = "deploy"
' "$1" "$(no_migrations production)
"; }
try() { # NAME REGION
  begin a "$(policy $2)
" > /dev/null; say "$1"; S=$(made S app/a 0); deploy_job $main $Z $S "2025-07-06 10:00:00" --region eu > /dev/null; deploy_job $main $Z $S "2025-07-06 10:00:00" --region $2 > /dev/null
  M=$(made M migrations/m 1); deploy_job $main $S $M "2025-07-06 12:00:00" --region $2; N=$(made N app/a 1); deploy_job $main $M $N "$CLOSED" --region eu; grep '  judged' "$A/o"; }
try "control: us and eu" us
try "attack: EU and eu" EU
