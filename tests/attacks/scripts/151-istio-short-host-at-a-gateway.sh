# A short host is one of its namespace at every gateway, not in the mesh alone. Both pushes must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
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
begun() { logged "$1" "$P" "--record $ROOT/rec.jsonl" > /dev/null; say "$1"; mkdir -p routes; }   # then the routes that production has
served() { rm "$SERVER/hooks/pre-receive"; git add -A; git commit -qm routes; git push -q origin main; hook --record "$ROOT/rec.jsonl"; }
to() { git add -A; git commit -q -m "$1"; clock "$SATURDAY"; GIT_COMMITTER_DATE="$SATURDAY +0000" push origin main | grep -E "refused:|warning: a|hijack|exit"; }
vs() { printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: %s, namespace: production}\nspec:\n  hosts: ["%s"]\n  gateways: [production/internal]\n  http:\n  - %sroute:\n    - destination: {host: %s}\n' "$1" "$2" "$4" "$3" > routes/$1.yaml; }
for case in "control login.production.svc.cluster.local" "attack login"; do
  begun ${case% *}; vs login login.production.svc.cluster.local login ""; served
  vs sso ${case#* } login.preprod.svc.cluster.local 'match: [{uri: {prefix: /sso}}]
    '; to hijack
done
