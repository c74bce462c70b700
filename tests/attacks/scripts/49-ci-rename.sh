# 44-rename as GitHub push events in a CI step with a record: the job of each push, in the closed window. All but the first should be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
arena cirename; rm $SERVER/hooks/pre-receive
job() { local b=$(git rev-parse HEAD~) a=$(git rev-parse HEAD); git push -q origin main
  printf '{"before":"%s","after":"%s","ref":"refs/heads/main","repository":{"default_branch":"main"}}' $b $a > $A/event.json
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$a GITHUB_REF=refs/heads/main GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 at "$1" $FG check $2 --record $A/rec.jsonl 2>&1 | grep -E '^(refused|allowed|warning|policy edit|  policy|error|  judged)'; echo "[check exit ${PIPESTATUS[0]}]"; }
put deploy/production/us/x 1; commit S0; say "night: S0"; job "2025-07-09 05:00:00" production
sed -i 's/^\[environments.production\]/[environments.live]/' freezegate.toml; commit rename; say "closed: rename (job of staging)"; job "$CLOSED" staging
printf '[environments.production]\nduring_core_hours = "off"\n' >> freezegate.toml; commit new; say "closed: new (job of staging)"; job "$CLOSED" staging
put deploy/production/us/x evil; commit evil; say "closed: evil (job of production)"; job "$CLOSED" production
