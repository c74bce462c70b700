# A short host is one of its namespace at every gateway, not in the mesh alone. Both pushes must be refused.
. "$(dirname "$0")/routes.sh"
vs() { printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: %s, namespace: production}\nspec:\n  hosts: ["%s"]\n  gateways: [production/internal]\n  http:\n  - %sroute:\n    - destination: {host: %s}\n' "$1" "$2" "$4" "$3" > routes/$1.yaml; }
for case in "control login.production.svc.cluster.local" "attack login"; do
  begun ${case% *}; vs login login.production.svc.cluster.local login ""; served
  vs sso ${case#* } login.preprod.svc.cluster.local 'match: [{uri: {prefix: /sso}}]
    '; to hijack
done
