# A server hook without a record. One push of 101 refs, one of them a tag of a tag ... of a commit, 70 deep, which reaches nothing. From then on each push that created a ref was exit 2 (Push::known_commits followed every
# ref of the server), at open hours too, and so was the one that deletes the tag. Now a tag that no target selects and that can't be followed is passed over; all must be exit 0.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
deep() { # N
  local o t i; o=$(git rev-parse HEAD); t=commit
  for i in $(seq $1); do o=$(printf 'object %s\ntype %s\ntag t\ntagger a <a@example.com> 1 +0000\n\nx\n' $o $t | git mktag); t=tag; done; echo $o
}
short() { grep -E '^\[|error\[|help' | head -4; }
P="$POLICY"'[[targets]]
refs = ["refs/tags/v*"]
environment = "production"
'
arena alone; say "70 deep, alone"; push origin $(deep 70):refs/tags/deep | short
for n in 40 70; do
  ARENA_POLICY="$P" arena deep; say "$n deep, beside 100 tags, in core hours"; clock "$CLOSED"
  push origin $(deep $n):refs/tags/deep $(for i in $(seq 100); do echo HEAD:refs/tags/plain$i; done) | short
  clock "$OPEN"; put docs/x 1; commit x
  echo "a branch, in open time:"; push origin HEAD:refs/heads/topic | short
  echo "a release tag, in open time:"; push origin HEAD:refs/tags/v1 | short
  echo "the tag is deleted:"; push origin :refs/tags/deep | short
done
