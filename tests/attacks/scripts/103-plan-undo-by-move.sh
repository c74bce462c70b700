# "A change that was rolled back can't be repeated as a rollback" (docs/src/recipes/terraform.md). P0 brings a bad value, P1 takes it back, and P2 brings it again in core hours.
# Where the address of the resource changes between (`moved`, `previous_address`), or the resource is replaced by the bad plan (another `id`), or its identity begins to be told,
# what P0 replaced is not known again, so P1 counts as new and P2 as its rollback. Each last job must be 1.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["app/**"]
environment = "production"
'
plan() { # FILE ADDRESS BEFORE AFTER [more of the resource] [actions] [more of the change]
  printf '{"format_version":"1.2","resource_changes":[{"address":"%s","type":"aws_db_instance",%s"change":{"actions":[%s],%s"before":%s,"after":%s}}]}' "$2" "${5-}" "${6:-\"update\"}" "${7-}" "$3" "$4" > "$A/$1"
}
v() { printf '{"id":"%s","size":"%s"}' "${2:-db-1}" "$1"; }
job() { deploy_job $main $Z $Z "$2" --plan "$A/$1"; grep -E '  rollback' "$A/o"; } # FILE TIME
try() { begin a "$P" > /dev/null; say "$1"; S=$(made S app/a 1); deploy_job $main $Z $S "2025-07-06 10:00:00" > /dev/null; Z=$S; }
try "control: same address"
plan p0 aws_db_instance.a "$(v good)" "$(v bad)"; job p0 "2025-07-06 12:00:00"
plan p1 aws_db_instance.a "$(v bad)" "$(v good)"; job p1 "2025-07-06 13:00:00"
plan p2 aws_db_instance.a "$(v good)" "$(v bad)"; job p2 "2025-07-07 15:00:00"
try "attack: the fix moves the resource to another address"
plan p0 aws_db_instance.a "$(v good)" "$(v bad)"; job p0 "2025-07-06 12:00:00"
plan p1 aws_db_instance.b "$(v bad)" "$(v good)" '"previous_address":"aws_db_instance.a",'; job p1 "2025-07-06 13:00:00"
plan p2 aws_db_instance.b "$(v good)" "$(v bad)"; job p2 "2025-07-07 15:00:00"
try "attack: the bad plan replaces the resource"
plan p0 aws_db_instance.a "$(v good)" '{"size":"bad"}' '' '"delete","create"' '"after_unknown":{"id":true},'; job p0 "2025-07-06 12:00:00"
plan p1 aws_db_instance.a "$(v bad db-2)" "$(v good db-2)"; job p1 "2025-07-06 13:00:00"
plan p2 aws_db_instance.a "$(v good db-2)" "$(v bad db-2)"; job p2 "2025-07-07 15:00:00"
try "attack: the provider begins to tell an identity"
plan p0 aws_db_instance.a "$(v good)" "$(v bad)"; job p0 "2025-07-06 12:00:00"
I='"before_identity":{"region":"eu","id":"db-1"},'
plan p1 aws_db_instance.a "$(v bad)" "$(v good)" '' '' "$I"; job p1 "2025-07-06 13:00:00"
plan p2 aws_db_instance.a "$(v good)" "$(v bad)" '' '' "$I"; job p2 "2025-07-07 15:00:00"
try "attack: the bad value was marked as sensitive when it came"
SENS='"before_sensitive":{"size":true},"after_sensitive":{"size":true},'
plan p0 aws_db_instance.a "$(v good)" "$(v bad)" '' '' "$SENS"; job p0 "2025-07-06 12:00:00"
plan p1 aws_db_instance.a "$(v bad)" "$(v good)"; job p1 "2025-07-06 13:00:00"
plan p2 aws_db_instance.a "$(v good)" "$(v bad)"; job p2 "2025-07-07 15:00:00"
