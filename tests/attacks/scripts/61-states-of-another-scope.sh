# The record kept an allowed state without what it was judged for. What was allowed by paths, in one region, for one service or of one kind became a state
# to roll back to, or "nothing new", for all of the tree, in another region, for another service or of every kind. Each case ends with a tag that is to be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
TAGS='[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
EU='[regions.eu]
timezones = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-10:00"]
'
EXEMPT=$(sed 's/^\[environments.production\]/&\nexempt = ["rollback", "security"]/' <<< "$POLICY")
FROZEN='[[freezes]]
name = "frozen"
from = 2025-07-09T00:00:00
until = 2025-07-19T00:00:00
timezone = "UTC"
'
open_hours() { sed 's/^core_hours.*//' <<< "$1"; }
quiet() { push "$@" | grep -E '^\[git push'; }
# case NAME POLICY FILE: FILE passes in the closed window, and then again; a tag of the first of the two
by_paths() {
  rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$2$TAGS"; arena "$1" --record "$ROOT/rec.jsonl"; say "$1"
  put src/app v1; put deploy/production/us/a 1; commit S1; clock "2025-07-08 04:00:00"; quiet origin main
  clock "$CLOSED"; put src/app evil; put "$3" 1; commit X; quiet origin main
  echo "control: a tag of it"; quiet origin HEAD:refs/tags/v1
  put "$3" 2; commit Y; quiet origin main
  echo "the tag once more"; quiet origin HEAD~:refs/tags/v1
}
by_paths region "$POLICY$EU" deploy/production/eu/a
by_paths exempt "$EXEMPT
[[targets]]
paths = [\"security/**\"]
environment = \"production\"
kind = \"security\"
" security/x
by_paths kind "$(open_hours "$POLICY")
[[targets]]
paths = [\"flags/**\"]
environment = \"production\"
kind = \"flag\"
$FROZEN
kinds = [\"deploy\", \"config\"]
" flags/x
by_paths service "$(open_hours "$POLICY")
[services.web]
[services.db]
[[targets]]
paths = [\"services/{service}/**\"]
environment = \"production\"
$FROZEN
services = [\"db\"]
" services/web/x
# case NAME POLICY EASY HARD: a tag EASY passes twice in the closed window; then one HARD of the first of the two
by_tags() {
  rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$2"; arena "$1" --record "$ROOT/rec.jsonl"; say "$1"
  put src/app v1; commit S1; clock "2025-07-08 04:00:00"; quiet origin main HEAD:refs/tags/"$3"/1 HEAD:refs/tags/"$4"/1
  clock "$CLOSED"; put src/app evil; commit X; quiet origin main
  echo "control: $4"; quiet origin HEAD:refs/tags/"$4"/2
  quiet origin HEAD:refs/tags/"$3"/2; put src/app more; commit Y; quiet origin HEAD:refs/tags/"$3"/3
  echo "$4 once more"; quiet origin HEAD~:refs/tags/"$4"/2
  echo "$3 goes back"; quiet origin HEAD~:refs/tags/"$3"/4
}
REGIONS="$(sed '/^\[\[targets\]\]/,$d' <<< "$POLICY")"
by_tags tag-of-region "$REGIONS
$EU
[[targets]]
refs = [\"refs/tags/{region}/*\"]
environment = \"production\"
" eu us
by_tags tag-of-service "$(open_hours "$REGIONS")
[services.web]
[services.db]
[[targets]]
refs = [\"refs/tags/{service}/*\"]
environment = \"production\"
$FROZEN
services = [\"db\"]
" web db
# what is at the commit already, by a branch of one kind
rm -f "$ROOT"/rec.jsonl*; ARENA_POLICY="$(open_hours "$REGIONS")
[[targets]]
refs = [\"refs/heads/flags\"]
environment = \"production\"
kind = \"flag\"
$TAGS$FROZEN
kinds = [\"deploy\", \"config\"]
"; arena settled --record "$ROOT/rec.jsonl"; say settled
put src/app v1; commit S1; clock "2025-07-08 04:00:00"; quiet origin main HEAD:refs/heads/flags HEAD:refs/tags/v1
clock "$CLOSED"; put src/app evil; commit X; quiet origin HEAD:refs/heads/flags
echo "a tag of it"; quiet origin HEAD:refs/tags/v2
