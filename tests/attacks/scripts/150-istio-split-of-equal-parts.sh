# Repeated equal parts of a split counted once, so that 9:1 became 9:891 unseen. Both pushes must be refused.
. "$(dirname "$0")/routes.sh"
vs() { # PARTS WEIGHT: of pre-production, beside one of production with weight 1
  printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: login, namespace: production}\nspec:\n  hosts: [login.example.com]\n  gateways: [istio-system/public]\n  http:\n  - route:\n    - {destination: {host: login}, weight: 9}\n' > routes/login.yaml
  for i in $(seq $1); do printf '    - {destination: {host: login.preprod.svc.cluster.local}, weight: %s}\n' "$2" >> routes/login.yaml; done; }
for case in "control 1 891" "attack 891 1"; do
  set -- $case; begun $1; vs 1 1; served   # the canary that was signed for: 10 %
  vs $2 $3; to "99 % to pre-production"
done
