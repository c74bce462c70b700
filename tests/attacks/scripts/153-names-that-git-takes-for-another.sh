# Refs that git takes for another where people write its short name: the tag `main` for the branch in `git pull origin main`, `git archive main`
# and `git reset --hard main`, the tag `origin/main` for the branch of the remote in a clone, the branch `v7` for the tag in `git clone --branch v7`;
# and names that a file system or a person takes for the default branch. All were pushed unjudged. They are judged as that other ref too now; what
# shares its name with nothing is not.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["deploy/{environment}/**"]
[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
ARENA_POLICY="$P"; arena names
put deploy/production/app good; commit good; git push -q origin main; git tag v7; git push -q origin v7
say control; clock "$CLOSED"; put deploy/production/app evil; commit evil
push origin HEAD:refs/heads/main; push origin HEAD:refs/tags/v8; push origin HEAD:refs/heads/feature; push origin HEAD:refs/heads/v8
say "short names"
for name in refs/tags/main refs/tags/origin/main refs/main refs/heads/v7; do push origin "HEAD:$name"; done
say look-alikes
for name in MAIN Main $'ma\xe2\x80\x8din' $'\xef\xbd\x8dain'; do push origin "HEAD:refs/heads/$name"; done
say "both at once"; push origin HEAD:refs/heads/v9 HEAD:refs/tags/v9
say "what was there before is deleted at any hour"; git -C "$SERVER" update-ref refs/tags/main HEAD; push origin :refs/tags/main
