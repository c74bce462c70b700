# A link in production's folder whose text goes through another name and back by `..`. Read as text it stays in the folder; the kernel follows docs/l first, which is a link, or becomes one, and comes to another file, whose changes showed
# nothing: in core hours it was changed with exit 0. Such a link is `unknown-target` at any hour now, as one that leads there directly. No push of a link may pass.
. "$(dirname "$0")/lib.sh"
# by its text deploy/production/us/real.yaml; from other/b/c, where docs/l leads, it is other/deploy/production/us/real.yaml
text=../../../docs/l/../../deploy/production/us/real.yaml
for what in control through through_later; do
  arena $what; say "$what"
  for f in app real; do put deploy/production/us/$f.yaml good; done; put other/deploy/production/us/real.yaml good; put other/b/c/x 1; put docs/l/x 1; commit open; push origin main | tail -1
  rm deploy/production/us/app.yaml
  case $what in
  control) ln -s ../../../other/deploy/production/us/real.yaml deploy/production/us/app.yaml;;
  through) rm -r docs/l; ln -s ../other/b/c docs/l; ln -s $text deploy/production/us/app.yaml;;
  through_later) ln -s $text deploy/production/us/app.yaml;;
  esac
  commit "link, in open time"; push origin main | grep -E 'refused|exit'; git fetch -q; git reset -q --hard origin/main
  clock "$CLOSED"; echo "closed; production has: $(cat deploy/production/us/app.yaml)"
  [ $what = through_later ] && { rm -r docs/l; ln -s ../other/b/c docs/l; }
  put other/deploy/production/us/real.yaml evil
  commit "nothing of production, by its paths"; push origin main | grep -E 'refused|exit'; git fetch -q; git checkout -q origin/main; echo "production now has: $(cat deploy/production/us/app.yaml)"
done
