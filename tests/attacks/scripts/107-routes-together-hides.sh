# [routes] with a table for each {region}. One edit puts the regions together (`together`), which "opens nothing". In `eu`, staging answers shop.example.com/checkout, as it may; so in the one table
# it always did, and a route by which staging takes that from production in `us` is no hijack any more. The last push of each case must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[services.web]
[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{environment}/**"]
[routes]
paths = ["routes/{region}/{environment}/{service}.yaml"]
'
P=$(printf '%s' "$P" | sed 's/^\[services.web\]/[regions.eu]\ntimezones = ["UTC"]\ncore_hours = ["Mon-Fri 08:00-18:00"]\n&/'; echo)
NOW="2025-07-09 09:00:00"
to() { git add -A; git commit -q -m "$1"; timed "$NOW" origin main; }
ingress() { mkdir -p "routes/$1/$2"; printf 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: %s\n  namespace: %s\nspec:\n  ingressClassName: nginx\n  rules:\n  - host: shop.example.com\n    http:\n      paths:\n      - path: %s\n        pathType: Prefix\n        backend: {service: {name: %s, port: {number: 80}}}\n' "$2-$1" "$2" "$3" "$2" > "routes/$1/$2/web.yaml"; }
begun() { logged a "$P" "--record $ROOT/rec.jsonl" > /dev/null; say "$1"; rm "$SERVER/hooks/pre-receive"; ingress us production /; ingress eu staging /checkout; commit routes; git push -q origin main; hook --record "$ROOT/rec.jsonl"; }
hijack() { ingress us staging /checkout; to hijack; }
begun "control"; hijack
begun "attack"; sed -i 's/^paths = \["routes.*/&\ntogether = ["environment", "service", "region"]/' freezegate.toml; to edit; hijack
