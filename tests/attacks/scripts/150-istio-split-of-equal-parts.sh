# Repeated equal parts of a split counted once, so that 9:1 became 9:891 unseen. Both pushes must be refused.
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
vs() { # PARTS WEIGHT: of pre-production, beside one of production with weight 1
  printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: login, namespace: production}\nspec:\n  hosts: [login.example.com]\n  gateways: [istio-system/public]\n  http:\n  - route:\n    - {destination: {host: login}, weight: 9}\n' > routes/login.yaml
  for i in $(seq $1); do printf '    - {destination: {host: login.preprod.svc.cluster.local}, weight: %s}\n' "$2" >> routes/login.yaml; done; }
for case in "control 1 891" "attack 891 1"; do
  set -- $case; begun $1; vs 1 1; served   # the canary that was signed for: 10 %
  vs $2 $3; to "99 % to pre-production"
done
