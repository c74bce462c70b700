# Two Gateways select the same proxies by different labels, which both have. Their routes were not compared, and a hijack passed. Gateways may share a proxy now unless one label has two values. Every push must be refused.
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
gw() { printf 'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: %s, namespace: %s}\nspec:\n  selector: {%s}\n  servers:\n  - port: {number: 80, name: http, protocol: HTTP}\n    hosts: ["*"]\n' "$2" "$3" "$4" > routes/$1.yaml; }
vs() { printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: login, namespace: %s}\nspec:\n  hosts: ["%s"]\n  gateways: [%s]\n  http:\n  - route:\n    - destination: {host: login}\n' "$2" "$3" "$4" > routes/$1.yaml; }
for case in "control istio: ingressgateway" "attack app: istio-ingressgateway" "control-reversed istio: ingressgateway, app: istio-ingressgateway"; do
  begun "${case%% *}"
  gw public public istio-system "istio: ingressgateway"; vs login production "*.example.com" istio-system/public; served
  gw gwpre pre preprod "${case#* }"; vs pre preprod login.example.com pre; to hijack
done
