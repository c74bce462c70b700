# Refused pushes of many refs made the record forget an allowed state: the rollback of main was refused after them, also where another repository that shares the record
# was flooded. Last pushes: exit 0.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ARENA_POLICY="$POLICY"'[[targets]]
refs = ["refs/heads/release/*"]
paths = ["deploy/{environment}/{region}/**"]
'
quiet() { push "$@" | grep -E '^\[git push'; }
flood() { for j in $(seq 11); do for i in $(seq 100); do echo "HEAD:refs/heads/release/$j-$i"; done | xargs git push -q origin > $A/o 2>&1; done; }
rm -f "$ROOT"/rec.jsonl*; arena one --record "$ROOT/rec.jsonl"; say "the same repository"
put deploy/production/us/a 1; commit S1; clock "2025-07-08 04:00:00"; quiet origin main
put deploy/production/us/a 2; commit S2; clock "2025-07-09 05:00:00"; quiet origin main
clock "2025-07-09 15:00:00"; put deploy/production/us/a evil; commit E; flood; git reset -q --hard HEAD~
clock "$CLOSED"; echo rollback; git revert --no-edit HEAD > /dev/null; quiet origin main
rm -f "$ROOT"/rec.jsonl*; arena first --record "$ROOT/rec.jsonl"; say "another repository"
put deploy/production/us/a 1; commit S1; clock "2025-07-08 04:00:00"; quiet origin main
put deploy/production/us/a 2; commit S2; clock "2025-07-09 05:00:00"; quiet origin main
FIRST=$A CLONE_OF_FIRST=$CLONE
arena second --record "$ROOT/rec.jsonl"; clock "2025-07-09 05:01:00"; quiet origin main
clock "2025-07-09 15:00:00"; put deploy/production/us/a evil; commit E; flood
A=$FIRST; cd "$CLONE_OF_FIRST"; export HOME=$A/home GIT_CONFIG_GLOBAL=$A/home/gitconfig
clock "$CLOSED"; echo rollback; git revert --no-edit HEAD > /dev/null; quiet origin main
