# The policy of docs/src/recipes/guard-routes.md. A manifest is put where nothing is guarded, in mock/, as if pre-production answered production's logins. One edit guards mock/ too: it "opens
# nothing", and no route is compared, as no manifest changes. From then on the route that takes production's logins changes nobody's answer. The last push of each case must be refused.
. "$(dirname "$0")/routes.sh"
to() { git add -A; git commit -q -m "$1"; timed "${2:-$SATURDAY}" origin main; }
service() { mkdir -p routes; printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: login\n  namespace: %s\nspec:\n  hosts: [login.example.com]\n  gateways: [istio-system/public]\n  http:\n  -%s route:\n    - destination: {host: login}\n' "$2" "${3-}" > "routes/$1.yaml"; }
begun() { logged a "$GUARDED" "--record $ROOT/rec.jsonl" > /dev/null; say "$1"; rm "$SERVER/hooks/pre-receive"; service login production; commit routes; git push -q origin main; hook --record "$ROOT/rec.jsonl"; }
hijack() { service preprod preprod ' match:
    - uri: {prefix: /sso}
   '; to hijack; }
mock() { service preprod preprod ' match:
    - uri: {prefix: /sso}
   '; mkdir -p mock; sed 's/name: login$/name: mock/' routes/preprod.yaml > mock/preprod.yaml; rm routes/preprod.yaml; to mock "2025-07-09 12:00:00"; }
guard() { sed -i 's#^paths  = \["routes/\*\*"\]#paths = ["routes/**", "mock/**"]#' freezegate.toml; to edit "2025-07-09 12:10:00"; }
begun "control"; hijack
begun "control: the manifest alone"; mock; hijack
begun "control: guarded first"; guard; mock; git reset -q --hard origin/main; hijack
begun "attack: the manifest, and then it is guarded"; mock; guard; hijack
