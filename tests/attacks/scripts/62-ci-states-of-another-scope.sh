# As 61, by jobs: what a job was allowed for one region or kind, or with --declared-only, was the base, a state to roll back to or "nothing new" of the jobs of others.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
EU='[regions.eu]
timezones = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-10:00"]
'
job() { # REF OLD NEW TIME ARGUMENTS
  local ref=$1 b=$2 a=$3 t=$4; shift 4
  printf '{"before":"%s","after":"%s","ref":"%s","repository":{"default_branch":"main"}}' "$b" "$a" "$ref" > $A/event.json
  git checkout -q "$a"
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$a GITHUB_REF=$ref GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
    at "$t" $FG check "$@" --record "$ROOT/rec.jsonl" > $A/o 2>&1
  echo "[exit $?]"; git checkout -q main
}
main=refs/heads/main; new=0000000000000000000000000000000000000000
say "only moves no base of others"; rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$POLICY$EU"; arena only; rm $SERVER/hooks/pre-receive
Z=$(git rev-parse HEAD); put deploy/production/us/a 1; put deploy/production/eu/a 1; commit S; S=$(git rev-parse HEAD)
job $main $Z $S "2025-07-08 04:00:00" production
put deploy/production/us/a evil; commit E; E=$(git rev-parse HEAD); job $main $S $E "$CLOSED" --range $S..$E
put docs/x 1; commit F; F=$(git rev-parse HEAD); job $main $E $F "$CLOSED" --range $E..$F
job $main $E $F "$CLOSED" production --region eu --declared-only
put docs/x 2; commit G; G=$(git rev-parse HEAD); echo "the next one"; job $main $F $G "$CLOSED" --range $F..$G
say "a region is not a state of another"; rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$POLICY$EU"; arena region; rm $SERVER/hooks/pre-receive
Z=$(git rev-parse HEAD); put src/app v1; commit S; S=$(git rev-parse HEAD)
job $main $Z $S "2025-07-08 04:00:00" production; job $main $Z $S "2025-07-08 04:01:00" production --region eu
put src/app evil; commit E; E=$(git rev-parse HEAD)
job $main $S $E "$CLOSED" production --region us; job $main $S $E "$CLOSED" production --region eu
put src/app more; commit F; F=$(git rev-parse HEAD)
job $main $E $F "$CLOSED" production --region us; job $main $E $F "$CLOSED" production --region eu
echo "back to the first"; job $main $S $E "$CLOSED" production --region us; job $main $S $E "$CLOSED" production
echo "in its own region"; job $main $S $E "$CLOSED" production --region eu
say "a kind is not a state of every kind"; rm -f "$ROOT"/rec.jsonl*
ARENA_POLICY="$(sed 's/^core_hours.*//' <<< "$POLICY")"'
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
[[freezes]]
name = "frozen"
kinds = ["deploy", "config"]
from = 2025-07-09T00:00:00
until = 2025-07-19T00:00:00
timezone = "UTC"
'; arena kind; rm $SERVER/hooks/pre-receive
Z=$(git rev-parse HEAD); put src/app v1; commit S; S=$(git rev-parse HEAD); job $main $Z $S "2025-07-08 04:00:00" production
put src/app evil; commit E; E=$(git rev-parse HEAD); git tag v1; job refs/tags/v1 $new $E "$CLOSED" production
job $main $S $E "$CLOSED" production --kind flag
echo "a tag of it"; job refs/tags/v1 $new $E "$CLOSED" production
