# A target with `environment = "*"` and a captured {service}, in a policy that knows no service. Moving or removing it "opens nothing" and passes in the closed window, although
# it reaches production; after that its paths pass in the closed window. With services known (second part): can the names be taken out first?
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
q() { push origin main | grep -E 'refused|error\[|policy edit|  opens|  closes|allowed|exit' | cut -c1-110; }
T='[[targets]]
paths = ["services/{service}/**"]
environment = "*"
'
ARENA_POLICY="$POLICY$T"; arena none; clock "$CLOSED"
say "control: services/web/a"; put services/web/a evil; commit evil; q; git reset -q --hard HEAD~
say "1: the edit, closed"; sed -i 's#services/{#nowhere/{#' freezegate.toml; commit edit; q
say "2: services/web/a, closed"; put services/web/a evil; commit evil; q
ARENA_POLICY="$POLICY"'[services.web]
[services.db]
regions = ["us"]
'"$T"; arena known; clock "$CLOSED"
say "known services: control"; put services/web/a evil; commit evil; q; git reset -q --hard HEAD~
say "1: the services are taken out"; sed -i '/^\[services/d; /^regions = /d' freezegate.toml; commit out; q
say "2: the target is moved"; sed -i 's#services/{#nowhere/{#' freezegate.toml; commit edit; q
say "3: services/web/a, closed"; put services/web/a evil; commit evil; q
say "known services, and a lift for hard that asks for a signature: the same three pushes, none signed"; rm -f $ROOT/ada*; ssh-keygen -q -t ed25519 -N '' -f $ROOT/ada
ARENA_POLICY="$POLICY"'[services.web]
'"$T"'[approvers]
allowed_signers = "people"
[[lifts]]
level = "hard"
signed = ["any"]
'; arena lift; mv $SERVER/hooks/pre-receive $A/pr; echo "ada@example.com $(cut -d' ' -f1,2 $ROOT/ada.pub)" > people; commit r; git push -q origin main; mv $A/pr $SERVER/hooks/pre-receive; clock "$CLOSED"
sed -i '/^\[services/d' freezegate.toml; commit out; q;  sed -i 's#services/{#nowhere/{#' freezegate.toml; commit edit; q; put services/web/a evil; commit evil; q
