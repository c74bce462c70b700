# Routes of kinds that are not read: of production, in folders of others, taken away or replaced; and the Gateways that they go by.
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
SUNDAY="2025-07-06 12:00:00"; MONDAY="2025-07-07 10:00:00"
gateway() { printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: %s, namespace: infra}\nspec:\n  gatewayClassName: one\n  listeners:\n  - {name: s, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: %s}]}, allowedRoutes: {namespaces: {from: All}}}\n' "$@"; }
route() { printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: %s\nmetadata: {name: api, namespace: %s}\nspec:\n  parentRefs: [{name: %s, namespace: infra}]\n  hostnames: [%s.example.com]\n  rules: [{backendRefs: [{name: api, port: 80}]}]\n' "$1" "$2" "$3" "${4:-api}"; }
again() { commit edit; timed "$MONDAY" origin main; git reset -q --hard "$good"; }
# what is not read was there before the hook came, and nothing of it is the state before
first() {
  mv "$SERVER/hooks/pre-receive" "$A/hook"; commit first; push -q origin main > /dev/null; mv "$A/hook" "$SERVER/hooks/pre-receive"
  put deploy/production/app.yaml 1; commit app; timed "$SUNDAY" origin main; good=$(git rev-parse HEAD)
}
logged begin "$P" "" > /dev/null; mkdir -p deploy/production deploy/staging infra
say "the route goes"
route GRPCRoute production public > infra/route.yaml; first
git rm -q infra/route.yaml; again; mkdir -p infra; route HTTPRoute staging public > infra/route.yaml; again
logged begin "$P" "" > /dev/null; mkdir -p deploy/production deploy/staging
say "its Gateway changes"
route GRPCRoute production public > deploy/production/route.yaml; gateway public good > deploy/staging/gateway.yaml; first
gateway public evil > deploy/staging/gateway.yaml; again; git rm -q deploy/staging/gateway.yaml; again
logged begin "$P" "" > /dev/null; mkdir -p deploy/production deploy/staging
say "those of staging"
route GRPCRoute production public > deploy/production/route.yaml; route GRPCRoute staging own own > deploy/staging/route.yaml; gateway own good > deploy/staging/gateway.yaml; first
gateway own other > deploy/staging/gateway.yaml; commit edit; timed "$MONDAY" origin main; git rm -q deploy/staging/route.yaml; commit gone; timed "$MONDAY" origin main
