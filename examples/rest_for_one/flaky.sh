# Works for a moment, then fails.
echo ready
sleep 0.6
echo 'cannot go on' >&2
exit 1
