# Refs that git takes for another where people write its short name: the tag `main` for the branch in `git pull origin main`, `git archive main`
# and `git reset --hard main`, the tag `origin/main` for the branch of the remote in a clone, the branch `v7` for the tag in `git clone --branch v7`;
# and names that a file system or a person takes for the default branch. All were pushed unjudged. The former are refused now at any hour, also
# with the same files, as the other moves on; the latter are judged as the default branch; what shares its name with nothing that is guarded is as free as ever. To judge
# a tag `main` as the branch is not enough: it would be a state of the branch, to which somebody could roll back.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["deploy/{environment}/**"]
[[targets]]
refs = ["refs/tags/v*", "refs/heads/release/*"]
environment = "production"
'
ARENA_POLICY="$P"; arena names
put deploy/production/app good; commit good; git push -q origin main; git tag v7; git push -q origin v7; git push -q origin HEAD:refs/heads/release/1
say control; clock "$CLOSED"; good=$(git rev-parse HEAD); put deploy/production/app evil; commit evil
push origin HEAD:refs/heads/main; push origin HEAD:refs/tags/v8; push origin HEAD:refs/heads/feature; push origin HEAD:refs/heads/v8
for time in "$CLOSED" "$OPEN"; do
  say "short names at $time"; clock "$time"
  for name in refs/tags/main refs/tags/origin/main refs/tags/origin refs/tags/origin/HEAD refs/tags/MAIN refs/main refs/heads/v7 refs/tags/release/1; do push origin "HEAD:$name"; done
done
say "another name for the default branch"; clock "$CLOSED"; push origin HEAD:refs/heads/HEAD; push origin HEAD:refs/tags/HEAD; push origin HEAD:refs/tags/refs/heads/main
say "the abbreviated name of a commit"; clock "$OPEN"; short=$(git rev-parse --short=8 "$good")
push origin "HEAD:refs/tags/$short"; push origin "HEAD:refs/heads/$short"; push origin "$good:refs/tags/$short"; push origin HEAD:refs/tags/20251130
say look-alikes; clock "$CLOSED"
for name in MAIN Main $'ma\xe2\x80\x8din' $'\xef\xbd\x8dain'; do push origin "HEAD:refs/heads/$name"; done
push origin HEAD:refs/Heads/main; clock "$OPEN"; push origin HEAD:refs/heads/Main; push origin "$good:refs/heads/Main"
say "both at once"; clock "$OPEN"; push origin HEAD:refs/tags/v9 "$good:refs/heads/v9"
say "a guarded ref beside what was there before"; push origin HEAD:refs/tags/release/2; push origin "$good:refs/heads/release/2"
push origin :refs/tags/release/2; push origin "$good:refs/heads/release/2"
say "what ordinary teams push"; clock "$CLOSED"
for name in refs/tags/deployed/main refs/tags/backup/main refs/tags/api/v7 refs/heads/v2-rewrite; do push origin "$good:$name"; done
say "the same files"; clock "$OPEN"
for name in refs/tags/release/1 refs/tags/main; do push origin "$good:$name"; done
