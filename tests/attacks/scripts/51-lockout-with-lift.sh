# 47-lockout-capture where hard may be overridden: the fix is refused, and the refusal should offer the owners a way out (a signed grant).
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ssh-keygen -q -t ed25519 -N '' -f $ROOT/key.$$; KEY=$(cut -d' ' -f1,2 $ROOT/key.$$.pub)
ARENA_POLICY="$POLICY"'
[approvers]
allowed_signers = "approvers"
[[lifts]]
level = "hard"
signed = ["any"]
'
arena l; rm $SERVER/hooks/pre-receive; echo "ada@example.com $KEY" > approvers; commit roster; git push -q origin main; hook "--record $A/rec.jsonl"; clock "$CLOSED"
printf '[[targets]]\npaths = ["{environment}.toml"]\n' >> freezegate.toml; commit lock; push origin main
say fix; git revert --no-edit HEAD >/dev/null; push origin main
