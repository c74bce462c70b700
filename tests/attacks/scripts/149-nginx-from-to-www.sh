# `from-to-www-redirect` makes a server for the other name, which took production's requests and was not read. It is not understood now. Both pushes must be refused.
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
ing() { printf 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: shop\n  namespace: %s\n  annotations: {%s}\nspec:\n  ingressClassName: nginx\n  rules:\n  - host: "%s"\n    http:\n      paths:\n      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}\n' "$2" "${4-}" "$3" > routes/$1.yaml; }
for case in control attack; do
  begun $case; ing a production "*.example.com"; served
  case $case in
  control) ing b preprod login.example.com;;
  attack)  ing b preprod www.login.example.com 'nginx.ingress.kubernetes.io/from-to-www-redirect: "true"';;
  esac
  to hijack
done
