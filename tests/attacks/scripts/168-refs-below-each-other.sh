# The hook allowed a new branch below another, which git rejected then, and the record kept it as deployed: a rollback to before was not verified.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ARENA_POLICY="$POLICY"; arena levels --record "$ROOT/rec.jsonl"
git push -q origin HEAD:refs/heads/release/1
say below; push origin HEAD:refs/heads/release/1/z; push origin HEAD:refs/heads/new HEAD:refs/heads/new/one
say above; push origin HEAD:refs/heads/release
say free; push origin HEAD:refs/heads/release/1z; push origin HEAD:refs/heads/releas; push origin HEAD:refs/tags/release/1/z
