# A server hook without --record (as `hook install` writes it), a policy with a lift for hard. An endless freeze passes, as "somebody may override it"; but without a
# record no lift ever counts, so that no fix passes at any hour. (Without lifts the same freeze is refused for just that reason.) The refusal still offers `lift`.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
rm -f $ROOT/ada*; ssh-keygen -q -t ed25519 -N '' -f $ROOT/ada
ARENA_POLICY="$POLICY"'
[approvers]
allowed_signers = "approvers"
[[lifts]]
level = "hard"
signed = ["any"]
'
arena nr; rm $SERVER/hooks/pre-receive; echo "ada@example.com $(cut -d' ' -f1,2 $ROOT/ada.pub)" > approvers; commit roster; git push -q origin main
git -C $SERVER config receive.advertisePushOptions true; git -C $SERVER config freezegate.repository shop; git config freezegate.repository shop; hook; clock "$CLOSED"
say "1: the freeze"; printf '[[freezes]]\nname = "x"\ntimezone = "UTC"\nfrom = 2020-01-01T00:00:00\nuntil = 2099-01-01T00:00:00\n' >> freezegate.toml; commit freeze; push origin main | grep -E 'refused|error|policy edit|exit'
git revert --no-edit HEAD > /dev/null; R=HEAD~..HEAD; clock "2025-07-13 12:00:00"
say "2: fix: revert, on a Sunday"; push origin main | grep -E 'refused|override  |exit'
say "3: fix: revert with a signed grant"; git checkout -q --detach HEAD~; at "2025-07-13 12:00:00" $FG grant new production staging --range $(git rev-parse main~)..$(git rev-parse main) --ref refs/heads/main --reason r --requester z@example.com --output $A/g.toml
at "2025-07-13 12:00:00" $FG grant sign $A/g.toml --key $ROOT/ada 2>/dev/null; push -o "$($FG grant push-option $A/g.toml)" origin main | grep -E 'is not valid|is waiting|one$|use, and|refused|exit' | cut -c1-120
say "4: without lifts: the freeze is refused (control)"; ARENA_POLICY="$POLICY"; arena nl; clock "$CLOSED"; printf '[[freezes]]\nname = "x"\ntimezone = "UTC"\nfrom = 2020-01-01T00:00:00\nuntil = 2099-01-01T00:00:00\n' >> freezegate.toml; commit freeze; push origin main | grep -E 'error|exit'
