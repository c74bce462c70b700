# A job began at a commit that another was refused: with a state of paths alone as the base of a whole commit, by an environment's new name, or as the first job of a region or kind. Each case ends with a job that is to be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
job() { # OLD NEW TIME ARGUMENTS
  local b=$1 a=$2 t=$3; shift 3
  printf '{"before":"%s","after":"%s","ref":"refs/heads/main","repository":{"default_branch":"main"}}' "$b" "$a" > $A/event.json
  git push -q origin main; git fetch -q; git checkout -q "$a"
  GITHUB_ACTIONS=true GITHUB_EVENT_NAME=push GITHUB_SHA=$a GITHUB_REF=refs/heads/main GITHUB_EVENT_PATH=$A/event.json GITHUB_ACTOR=eve GITHUB_RUN_ATTEMPT=1 \
    at "$t" $FG check "$@" --record "$ROOT/rec.jsonl" > $A/o 2>&1
  echo "[exit $?]"; git checkout -q main
}
begin() { rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$2"; arena "${1// /}"; rm $SERVER/hooks/pre-receive; say "$1"; Z=$(git rev-parse HEAD); }
EXEMPT=$(sed 's/^\[environments.production\]/&\nexempt = ["security"]/' <<< "$POLICY")
SECURITY="$EXEMPT
[[targets]]
paths = [\"security/**\"]
environment = \"production\"
kind = \"security\"
"
begin paths "$SECURITY"
put src/app v1; commit S; S=$(git rev-parse HEAD); job $Z $S "2025-07-08 04:00:00" production
put src/app evil; commit E; E=$(git rev-parse HEAD); job $S $E "$CLOSED" production
put security/x 1; commit F; F=$(git rev-parse HEAD); job $E $F "$CLOSED" production
echo "by its paths"; job $E $F "$CLOSED" --range $E..$F
put security/x 2; commit G; G=$(git rev-parse HEAD); echo "the whole commit"; job $F $G "$CLOSED" production
begin renamed "$POLICY"
put deploy/production/us/a 1; commit S; S=$(git rev-parse HEAD); job $Z $S "2025-07-08 04:00:00" --range $Z..$S
sed -i "s/^\[environments.production\]/[environments.prod]\naliases = [\"production\"]/" freezegate.toml; commit P; P=$(git rev-parse HEAD); job $S $P "$CLOSED" --range $S..$P
put deploy/production/us/a evil; cp freezegate.toml $A/pol; echo "[[" >> freezegate.toml; commit E; E=$(git rev-parse HEAD); job $P $E "$CLOSED" --range $P..$E
cp $A/pol freezegate.toml; put docs/x 1; commit F; F=$(git rev-parse HEAD); echo "the fix"; job $E $F "$CLOSED" --range $E..$F
for arguments in "production" "production --region us" "production --declared-only" "production --kind config"; do
  begin "first of ${arguments#production}" "$SECURITY"
  put src/app v1; put deploy/production/us/a 1; commit S; S=$(git rev-parse HEAD); job $Z $S "2025-07-08 04:00:00" production
  put src/app evil; put deploy/production/us/a evil; commit E; E=$(git rev-parse HEAD); job $S $E "$CLOSED" production
  put security/x 1; commit F; F=$(git rev-parse HEAD); job $E $F "$CLOSED" $arguments
done
