# `from-to-www-redirect` makes a server for the other name, which took production's requests and was not read. It is not understood now. Both pushes must be refused.
. "$(dirname "$0")/routes.sh"
ing() { printf 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: shop\n  namespace: %s\n  annotations: {%s}\nspec:\n  ingressClassName: nginx\n  rules:\n  - host: "%s"\n    http:\n      paths:\n      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}\n' "$2" "${4-}" "$3" > routes/$1.yaml; }
for case in control attack; do
  begun $case; ing a production "*.example.com"; served
  case $case in
  control) ing b preprod login.example.com;;
  attack)  ing b preprod www.login.example.com 'nginx.ingress.kubernetes.io/from-to-www-redirect: "true"';;
  esac
  to hijack
done
