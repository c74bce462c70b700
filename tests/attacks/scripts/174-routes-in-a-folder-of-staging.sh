# Routes of production, by `owners`, in a folder that `[routes] paths` does not name by environment, and that a target maps to staging.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P='version = 1
[regions.eu]
timezones  = ["UTC"]
core_hours = ["Mon-Fri 08:00-18:00"]
[environments.production]
[environments.staging]
during_core_hours = "off"
[[targets]]
paths = ["deploy/{environment}/**"]
[[targets]]
paths = ["infra/**"]
environment = "staging"
[routes]
paths  = ["deploy/**", "infra/**"]
owners = ["{environment}", "{environment}-*"]
'
SUNDAY="2025-07-06 12:00:00"; MONDAY="2025-07-07 10:00:00"
route() { printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: %s, namespace: %s}\nspec:\n  parentRefs: [{name: g, namespace: infra}]\n  hostnames: [%s.example.com]\n  rules: [{backendRefs: [{name: %s, port: 80}]}]\n' "$1" "$2" "$1" "$3"; }
again() { commit edit; timed "$MONDAY" origin main; git reset -q --hard "$good"; mkdir -p infra; }
for folder in infra deploy/staging; do
  logged begin "$P" "--record $ROOT/rec.jsonl" > /dev/null; mkdir -p deploy/production deploy/staging infra; say "$folder"
  route api production api > deploy/production/api.yaml; route pay production pay > $folder/pay.yaml; route try staging try > $folder/try.yaml
  commit first; timed "$SUNDAY" origin main; good=$(git rev-parse HEAD)
  route pay production evil > $folder/pay.yaml; again; git rm -q $folder/pay.yaml; again; route login production login > $folder/login.yaml; again
  route try staging other > $folder/try.yaml; again
done
