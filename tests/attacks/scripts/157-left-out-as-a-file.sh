# `except = ["**/*.md"]` left out a symbolic link to a folder and a submodule that were called `x.md`, with all that lies in them: only what is
# a file there is left out. What leads to a folder of the same target is seen there.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["services/**"]
except = ["**/*.md"]
environment = "production"
'
ARENA_POLICY="$P"; arena excepted; put services/a good; put elsewhere/run.sh good; commit good; git push -q origin main; base=$(git rev-parse HEAD); clock "$CLOSED"
back() { git reset -q --hard "$base"; git clean -fdq; }
gitlink() { git update-index --add --cacheinfo "160000,$1,services/q.md"; git commit -qm "submodule"; }
say files; put services/q.md/run.sh evil; commit evil; push origin main; back; put services/q.md doc; commit doc; push origin main; base=$(git rev-parse HEAD)
say "a submodule"; git rm -q services/q.md; gitlink "$base"; push origin main
clock "$OPEN"; push origin main; clock "$CLOSED"; gitlink "$(git rev-parse HEAD)"; push origin main
git rm -q --cached services/q.md; git commit -qm gone; push origin main; clock "$OPEN"; push origin main; base=$(git rev-parse HEAD)
say "links out"; for to in ../elsewhere ../elsewhere/run.sh /srv; do ln -s "$to" services/z.md; git add -A; git commit -qm link; push origin main; back; done
say "links within"; put services/b/README.md text; commit text; push origin main
for to in b b/README.md; do rm -f services/z.md; ln -s "$to" services/z.md; git add -A; git commit -qm link; push origin main; done
