# What the scripts about `[routes]` share: the policy of docs/src/recipes/guard-routes.md, in which a hijack is refused at any hour, and pushes on a Saturday, when all is open. Loads lib.sh.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
GUARDED='version = 1
[regions.us]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
aliases = ["prod"]
[environments.pre-production]
aliases           = ["preprod"]
during_core_hours = "off"
[[targets]]
paths       = ["routes/**"]
environment = "*"
[routes]
paths  = ["routes/**"]
owners = ["{environment}", "{environment}-*"]
'
SATURDAY="2025-07-12 12:00:00"
begun() { logged "$1" "$GUARDED" "--record $ROOT/rec.jsonl" > /dev/null; say "$1"; mkdir -p routes; }   # then the routes that production has
served() { rm "$SERVER/hooks/pre-receive"; git add -A; git commit -qm routes; git push -q origin main; hook --record "$ROOT/rec.jsonl"; }
to() { git add -A; git commit -q -m "$1"; clock "$SATURDAY"; GIT_COMMITTER_DATE="$SATURDAY +0000" push origin main | grep -E "refused:|warning: a|hijack|exit"; }
