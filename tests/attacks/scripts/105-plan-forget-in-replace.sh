# "a resource that is forgotten | a hazard only if the hazard names `forget`" (docs/src/recipes/terraform.md, "What is judged"). A replacement that forgets what it replaces
# (actions `create`, `forget`) is read as a create alone: a hazard that names `forget` does not show. The attacks must be 1 as the control.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones = ["UTC"]
[environments.production]
[hazards.lost]
resources = ["aws_db_*"]
actions = ["forget"]
[[freezes]]
name = "nobody loses sight of a database"
from = 2025-07-07T00:00:00
until = 2025-07-19T00:00:00
timezone = "UTC"
hazards = ["lost"]
[[targets]]
paths = ["app/**"]
environment = "production"
'
try() { begin a "$P" > /dev/null; say "$1"
  printf '{"format_version":"1.2","resource_changes":[{"address":"aws_db_instance.a","type":"aws_db_instance","change":{"actions":[%s],"before":{"id":"1"},"after":%s}}]}' "$2" "$3" > "$A/p"
  S=$(made S app/a 1); deploy_job $main $Z $S "2025-07-06 10:00:00" > /dev/null; deploy_job $main $S $S "$CLOSED" --plan "$A/p"; }
try "control: forget" '"forget"' null
try "attack: create and forget" '"create","forget"' '{"id":"2"}'
try "attack: forget and create" '"forget","create"' '{"id":"2"}'
