# An environment is renamed ("opens nothing"), then a new one gets its old name ("opens nothing"), and production passes in the closed window. Hard asks for a signature. Each push should be refused.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
ssh-keygen -q -t ed25519 -N '' -f $ROOT/key.$$; KEY=$(cut -d' ' -f1,2 $ROOT/key.$$.pub)
ARENA_POLICY="$POLICY"'
[approvers]
allowed_signers = "approvers"
[[lifts]]
level = "hard"
signed = ["any"]
'
arena rename; rm $SERVER/hooks/pre-receive; echo "ada@example.com $KEY" > approvers; commit roster; git push -q origin main; hook; clock "$CLOSED"
say control; put deploy/production/us/x evil; commit evil; push origin main | grep -E 'refused|exit'; git reset -q --hard HEAD~
say "1: rename"; sed -i 's/^\[environments.production\]/[environments.live]/' freezegate.toml; commit rename; push origin main
say "2: a new one of the old name"; printf '[environments.production]\nduring_core_hours = "off"\n' >> freezegate.toml; commit new; push origin main
say "3: production, closed"; put deploy/production/us/x evil; commit evil; push origin main
