# Production's routes, and the Gateways and classes of Ingresses that they go by, in the folder of staging, which is open while production is closed:
# removed, moved out of what is guarded, given other proxies, another certificate or another class, or joined by a second Gateway of the same proxies.
# `[routes]` only warned, or saw nothing. Such an edit reaches production now, in its windows; taking it back is a rollback of production.
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
SUNDAY="2025-07-06 12:00:00"; EVENING="2025-07-07 19:00:00"; TUESDAY="2025-07-08 10:00:00"; MONDAY="2025-07-07 10:00:00"
S=deploy/staging; R=deploy/production
class() { printf 'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: own}\nspec: {controller: %s}\n' "$1"; }
gateway() { printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: own, namespace: infra}\nspec:\n  gatewayClassName: %s\n  listeners:\n  - {name: h, port: 80, protocol: %s, hostname: "*.example.com", allowedRoutes: {namespaces: {from: All}}}\n' "$1" "$2"; }
istio() { printf 'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: %s, namespace: istio-system}\nspec:\n  selector: {istio: %s}\n  servers:\n  - {port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: %s, credentialName: x}, hosts: ["*.example.com"]}\n' "$1" "$2" "$3"; }
virtual() { printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: %s, namespace: %s}\nspec:\n  hosts: [%s]\n  gateways: [istio-system/%s]\n  http: [{route: [{destination: {host: %s}}]}]\n' "$@"; }
http() { printf 'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: %s, namespace: %s}\nspec:\n  parentRefs: [{name: own, namespace: infra}]\n  hostnames: [%s]\n  rules: [{backendRefs: [{name: api, port: 80}]}]\n' "$@"; }
logged begin "$P" "--record $ROOT/rec.jsonl" > /dev/null; mkdir -p $S $R
class example.com/one > $S/class.yaml; gateway one HTTP > $S/gateway.yaml; istio own edge SIMPLE > $S/istio.yaml; virtual shop production d.example.com own web > $S/shop.yaml
printf 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop, namespace: production}\nspec:\n  ingressClassName: own\n  rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]\n' > $R/a.yaml
http api production b.example.com > $R/b.yaml; virtual login production c.example.com own login > $R/c.yaml
virtual second staging c.example.com second login > $S/second.yaml
commit routes; timed "$SUNDAY" origin main; good=$(git rev-parse HEAD)
monday() { commit "edit $*"; timed "$MONDAY" origin main; git reset -q --hard "$good"; git clean -fdxq; }
say control; put $R/x 1; monday of production
say removed
for file in class gateway istio shop; do rm $S/$file.yaml; monday "$file"; done
say changed
class example.com/two > $S/class.yaml; monday; gateway two HTTP > $S/gateway.yaml; monday; gateway one HTTPS > $S/gateway.yaml; monday
istio own none SIMPLE > $S/istio.yaml; monday; istio own edge MUTUAL > $S/istio.yaml; monday
virtual shop production d.example.com own other > $S/shop.yaml; monday
say moved; mkdir other; mv $S/istio.yaml other/; monday
say "beside them"; istio second edge SIMPLE > $S/second-gateway.yaml; monday
say "what concerns staging alone"
moved() { commit "edit $*"; timed "$MONDAY" origin main; good=$(git rev-parse HEAD); }
virtual second staging e.example.com second login > $S/second.yaml; moved; istio second inner SIMPLE > $S/second-gateway.yaml; moved
printf -- '# a comment\n' >> $S/gateway.yaml; moved; http api staging s.example.com > $S/s.yaml; moved
say "a rollback of it"
gateway two HTTP > $S/gateway.yaml; commit bad; timed "$EVENING" origin main; git revert --no-edit HEAD > /dev/null; timed "$TUESDAY" origin main
gateway two HTTP > $S/gateway.yaml; commit "bad again"; timed "$TUESDAY" origin main
