# Says "tick" five times a second; ends when told to, like any program.
while :; do
  echo tick
  sleep 0.2
done
