# Ways past what script 169 shows: a route of production that is rolled back to a Gateway which staging has changed meanwhile; routes and Gateways of
# production in a guarded folder that no target maps; edits of a route that move no request; a job of staging that leaves the rest to others.
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
[routes]
paths  = ["deploy/{environment}/**", "infra/**"]
owners = ["{environment}", "{environment}-*"]
'
SUNDAY="2025-07-06 12:00:00"; EVENING="2025-07-06 19:00:00"; MONDAY="2025-07-07 10:00:00"
gateway() { printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: %s, namespace: infra}\nspec:\n  gatewayClassName: one\n  listeners:\n  - {name: s, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: %s}]}, allowedRoutes: {namespaces: {from: All}}}\n' "$@"; }
route() { printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: api, namespace: production}\nspec:\n  parentRefs: [{name: %s, namespace: infra}]\n  hostnames: [api.example.com]\n  rules: [{backendRefs: [{name: api, port: 80}]%s}]\n' "$1" "${2:-}"; }
mkdir_all() { mkdir -p deploy/production deploy/staging infra; }
logged begin "$P" "--record $ROOT/rec.jsonl" > /dev/null; mkdir_all
say "a rollback to a Gateway that changed"
gateway g good > deploy/staging/g.yaml; gateway h good > deploy/staging/h.yaml; route g > deploy/production/route.yaml; commit first; timed "$SUNDAY" origin main
route h > deploy/production/route.yaml; commit "to h"; timed "$EVENING" origin main
gateway g evil > deploy/staging/g.yaml; commit "g changes"; timed "$MONDAY" origin main
route g > deploy/production/route.yaml; commit "back to g"; timed "$MONDAY" origin main
logged begin "$P" "--record $ROOT/rec.jsonl" > /dev/null; mkdir_all; say "a folder that no target maps"
gateway g good > infra/g.yaml; route g > infra/route.yaml; commit first; timed "$SUNDAY" origin main; good=$(git rev-parse HEAD)
again() { commit edit; timed "$MONDAY" origin main; git reset -q --hard "$good"; }
gateway g evil > infra/g.yaml; again; route g | sed 's/name: api, port/name: other, port/' > infra/route.yaml; again; rm infra/route.yaml; again
logged begin "$P" "--record $ROOT/rec.jsonl" > /dev/null; mkdir_all; say "an edit that moves no request"
gateway g good > deploy/staging/g.yaml; route g > deploy/staging/route.yaml; commit first; timed "$SUNDAY" origin main; good=$(git rev-parse HEAD)
route g ', timeouts: {request: 1ms}' > deploy/staging/route.yaml; again; sed -i 's/namespace: infra}/namespace: infra, labels: {istio.io\/rev: canary}}/' deploy/staging/g.yaml; again
begin jobs "$P" > /dev/null; mkdir_all; say "a job of staging"; environment=staging
gateway g good > deploy/staging/g.yaml; route g > deploy/production/route.yaml; commit first; S=$(git rev-parse HEAD); deploy_job $main $Z $S "$SUNDAY" --declared-only | grep '^\[git'
gateway g evil > deploy/staging/g.yaml; commit evil; deploy_job $main $S "$(git rev-parse HEAD)" "$MONDAY" --declared-only | grep '^\[git'
