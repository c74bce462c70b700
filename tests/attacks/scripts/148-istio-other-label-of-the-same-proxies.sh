# Two Gateways select the same proxies by different labels, which both have. Their routes were not compared, and a hijack passed. Gateways may share a proxy now unless one label has two values. Every push must be refused.
. "$(dirname "$0")/routes.sh"
gw() { printf 'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: %s, namespace: %s}\nspec:\n  selector: {%s}\n  servers:\n  - port: {number: 80, name: http, protocol: HTTP}\n    hosts: ["*"]\n' "$2" "$3" "$4" > routes/$1.yaml; }
vs() { printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: login, namespace: %s}\nspec:\n  hosts: ["%s"]\n  gateways: [%s]\n  http:\n  - route:\n    - destination: {host: login}\n' "$2" "$3" "$4" > routes/$1.yaml; }
for case in "control istio: ingressgateway" "attack app: istio-ingressgateway" "control-reversed istio: ingressgateway, app: istio-ingressgateway"; do
  begun "${case%% *}"
  gw public public istio-system "istio: ingressgateway"; vs login production "*.example.com" istio-system/public; served
  gw gwpre pre preprod "${case#* }"; vs pre preprod login.example.com pre; to hijack
done
