# Stands for a service in these examples: says that it listens, and runs until it is asked to end.
#   sh stand_in.sh NAME
echo "$1 listening${PORT:+ on $PORT}" >&2
exec sleep 1000
