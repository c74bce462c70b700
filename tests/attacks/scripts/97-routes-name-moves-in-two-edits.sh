# [routes] without `owners`: the path shows the environment. Staging, which nothing closes, loses its name ("opens nothing"), and then production gets it as an alias ("opens nothing"), so
# that manifests of routes/staging count as production's own, and a route of staging may take production's requests: a warning in place of a hijack, which is refused at any hour.
# In one edit that is refused. The last push of each case must be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.us]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{environment}/**"]
[routes]
paths = ["routes/{environment}/**"]
'
NOW="2025-07-09 09:00:00"
to() { git add -A; git commit -q -m "$1"; timed "$NOW" origin main; }
ingress() { mkdir -p "routes/$1"; printf 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: %s\n  namespace: %s\nspec:\n  ingressClassName: nginx\n  rules:\n  - host: shop.example.com\n    http:\n      paths:\n      - path: %s\n        pathType: Prefix\n        backend: {service: {name: %s, port: {number: 80}}}\n' "$1" "$1" "$2" "$1" > "routes/$1/shop.yaml"; }
begun() { logged a "$P" "--record $ROOT/rec.jsonl" > /dev/null; say "$1"; rm "$SERVER/hooks/pre-receive"; ingress production /; commit routes; git push -q origin main; hook --record "$ROOT/rec.jsonl"; }
hijack() { ingress staging /checkout; to hijack; }
edit1() { sed -i 's/^\[environments.staging\]/[environments.stage]/' freezegate.toml; }
edit2() { sed -i 's/^\[environments.production\]/&\naliases = ["staging"]/' freezegate.toml; }
begun "control: no edit"; hijack
begun "control: one edit"; edit1; edit2; to both; git reset -q --hard origin/main; hijack
begun "attack: two edits"; edit1; to 1; edit2; to 2; hijack
