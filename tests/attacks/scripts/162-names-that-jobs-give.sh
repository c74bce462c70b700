# An edit took out the name that the jobs of an environment give, at any hour where that never closes. From then on each of them ended with exit status 2,
# also the one for the edit that takes it back. The job that gives the name refuses it now; where another one let it pass, the way out is printed.
. "$(dirname "$0")/lib.sh"; mkdir -p "$ROOT"
begin own "$POLICY"
S=$(made S docs/x 1); environment=staging deploy_job $main $Z $S "$CLOSED"
sed -i 's/\[environments.staging\]/[environments.stage]/' freezegate.toml; E=$(made E docs/x 2); environment=staging deploy_job $main $S $E "$CLOSED"
git revert --no-edit $E > /dev/null; F=$(git rev-parse HEAD); environment=staging deploy_job $main $E $F "$CLOSED"
sed -i 's/\[environments.staging\]/[environments.stage]\naliases = ["staging"]/' freezegate.toml; G=$(made G docs/x 3); environment=staging deploy_job $main $F $G "$CLOSED"
# renamed in the order that is proposed: an alias, the jobs, the name
begin renamed "$POLICY"
S=$(made S docs/x 1); environment=staging deploy_job $main $Z $S "$CLOSED"
sed -i 's/\[environments.staging\]/[environments.staging]\naliases = ["stage"]/' freezegate.toml; E=$(made E docs/x 2); environment=staging deploy_job $main $S $E "$CLOSED"
F=$(made F docs/x 3); environment=stage deploy_job $main $E $F "$CLOSED"
sed -i 's/\[environments.staging\]/[environments.stage]/; s/\["stage"\]/["staging"]/' freezegate.toml; G=$(made G docs/x 4); environment=stage deploy_job $main $F $G "$CLOSED"
H=$(made H docs/x 5); environment=stage deploy_job $main $G $H "$CLOSED"
begin others "$POLICY"
S=$(made S docs/x 1); environment=production deploy_job $main $Z $S "$OPEN"; environment=staging deploy_job $main $Z $S "$OPEN"
sed -i 's/\[environments.staging\]/[environments.stage]/' freezegate.toml; E=$(made E docs/x 2); environment=production deploy_job $main $S $E "2025-07-06 12:10:00"
git revert --no-edit $E > /dev/null; F=$(git rev-parse HEAD); environment=staging deploy_job $main $E $F "2025-07-06 12:20:00"; tr '\n' ' ' < "$A/o" | tr -s ' ' | grep -o 'If an edit.*`'
environment=staging deploy_job $main $E $F "2025-07-06 12:30:00" --policy-from $S
# an organisation's policy that nobody follows, taken out again
begin organisation "$POLICY"
S=$(made S docs/x 1); deploy_job $main $Z $S "$OPEN"
printf '[organisation]\nname = "x"\nserial = 7\n' >> freezegate.toml; E=$(made E docs/x 2); deploy_job $main $S $E "2025-07-06 12:10:00"
git revert --no-edit $E > /dev/null; F=$(git rev-parse HEAD); deploy_job $main $E $F "2025-07-06 12:20:00"; deploy_job $main $E $F "2025-07-06 12:30:00" --policy-from $S
# a policy that only the newest commit has: how to be judged without it is said
begin newest "$POLICY"
S=$(made S docs/x 1); deploy_job $main $Z $S "$OPEN"
printf '[[targets]]\npaths = ["**"]\nenvironment = "staging"\n' >> freezegate.toml; E=$(made E docs/x 2); git push -q origin main
F=$(made F docs/x 3); deploy_job $main $E $F "2025-07-06 12:20:00"; tr '\n' ' ' < "$A/o" | tr -s ' ' | grep -o 'to be judged without it.*' | head -c 100; echo
deploy_job $main $E $F "2025-07-06 12:30:00" --policy-from $S
