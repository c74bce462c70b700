# A commit that names a second tree: git and the gate read the first, dulwich and go-git the last one; and one in what git takes for the
# continuation of another line, which go-git reads too. Both passed with the second tree unjudged.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
P="$AMERICA"'[environments.production]
[[targets]]
paths = ["deploy/{environment}/**"]
'
ARENA_POLICY="$P"; arena trees; put deploy/production/app good; commit good; git push -q origin main; clock "$CLOSED"
put deploy/production/app evil; git add -A; evil=$(git write-tree); git reset -q --hard
git read-tree --prefix=folder/ "$evil"; good=$(git write-tree); git reset -q --hard
who='Eve <eve@example.com> 1751803200 +0000'; parent="parent $(git rev-parse HEAD)"
written() { local commit; commit=$(git hash-object -t commit -w --stdin --literally); push origin "+$commit:refs/heads/main"; }
say "one tree"; printf 'tree %s\n%s\nauthor %s\ncommitter %s\n\nm\n' "$good" "$parent" "$who" "$who" | written
say "two trees"; printf 'tree %s\ntree %s\n%s\nauthor %s\ncommitter %s\n\nm\n' "$good" "$evil" "$parent" "$who" "$who" | written
say "behind the parents"; printf 'tree %s\n%s\ntree %s\nauthor %s\ncommitter %s\n\nm\n' "$good" "$parent" "$evil" "$who" "$who" | written
say "as a continuation"; printf 'tree %s\n%s\nauthor %s\ncommitter %s\nnote x\n tree %s\n\nm\n' "$good" "$parent" "$who" "$who" "$evil" | written
say "in the message"; printf 'tree %s\n%s\nauthor %s\ncommitter %s\n\ntree %s\n' "$good" "$parent" "$who" "$who" "$evil" | written
