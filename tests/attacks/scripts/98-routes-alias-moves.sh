# The policy and the routes of docs/src/recipes/guard-routes.md. One edit moves the alias `preprod` from pre-production to production: it "opens nothing" and passes at any hour. From then on
# the namespace `preprod` is production's, and the route that took production's logins is no hijack any more. The last push of each case must be refused.
. "$(dirname "$0")/routes.sh"
to() { git add -A; git commit -q -m "$1"; timed "${2:-$SATURDAY}" origin main; }
service() { mkdir -p routes; printf 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: login\n  namespace: %s\nspec:\n  hosts: [login.example.com]\n  gateways: [istio-system/public]\n  http:\n  -%s route:\n    - destination: {host: login}\n' "$2" "${3-}" > "routes/$1.yaml"; }
begun() { logged a "$GUARDED" "--record $ROOT/rec.jsonl" > /dev/null; say "$1"; rm "$SERVER/hooks/pre-receive"; service login production; commit routes; git push -q origin main; hook --record "$ROOT/rec.jsonl"; }
hijack() { service preprod preprod ' match:
    - uri: {prefix: /sso}
   '; to hijack; }
begun "control"; hijack
begun "attack"; sed -i 's/"prod"/"prod", "preprod"/; /^aliases  .*preprod/d' freezegate.toml; to edit "2025-07-09 12:00:00"; hijack
# The same where an environment goes whose name begins with that of another: its namespaces `production-test-*` are production's then ("if several match, the longest counts").
GUARDED=$(printf '%s\n' "$GUARDED" | sed 's/^aliases = \["prod"\]//; s/"preprod"/"preproduction"/; s/pre-production/production-test/')
hijack() { service test production-test-shop ' match:
    - uri: {prefix: /sso}
   '; to hijack; }
begun "control: production-test"; hijack
begun "attack: production-test goes"; sed -i '/production-test/,/during_core/d' freezegate.toml; to edit "2025-07-09 12:00:00"; hijack
