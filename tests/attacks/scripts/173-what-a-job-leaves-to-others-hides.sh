# A job of staging leaves production's own files to production's job. In one commit: a Gateway of production in staging's folder changes, or goes to
# production's folder, beside an edit of a file of production; and a route of production changes beside a file of staging, which staging's job may deploy.
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
paths  = ["deploy/{environment}/**"]
owners = ["{environment}", "{environment}-*"]
'
SUNDAY="2025-07-06 12:00:00"; MONDAY="2025-07-07 10:00:00"; environment=staging; n=0
gateway() { printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: %s, namespace: infra}\nspec:\n  gatewayClassName: one\n  listeners:\n  - {name: s, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: %s}]}, allowedRoutes: {namespaces: {from: All}}}\n' "$@"; }
route() { printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: api, namespace: production}\nspec:\n  parentRefs: [{name: g, namespace: infra}]\n  hostnames: [api.example.com]\n  rules: [{backendRefs: [{name: %s, port: 80}]}]\n' "$1"; }
start() {
    say "$1"; begin "jobs$((n += 1))" "$P" > /dev/null; mkdir -p deploy/production deploy/staging
    gateway g good > deploy/staging/g.yaml; route api > deploy/production/route.yaml; commit first; S=$(git rev-parse HEAD)
    deploy_job $main $Z $S "$SUNDAY" --declared-only | grep '^\[git'
}
job() { commit edit; deploy_job $main $S "$(git rev-parse HEAD)" "$MONDAY" --declared-only | grep '^\[git'; }
start "a Gateway changes, and a file of production"; gateway g evil > deploy/staging/g.yaml; echo 1 > deploy/production/notes; job
start "a Gateway goes to production's folder"; git mv deploy/staging/g.yaml deploy/production/g.yaml; job
start "it goes there changed"; git rm -q deploy/staging/g.yaml; gateway g evil > deploy/production/g.yaml; job
start "a route of production changes, and a file of staging"; route other > deploy/production/route.yaml; echo 1 > deploy/staging/notes; job
