# Answers each line with the same line in capitals. (tr alone would keep its
# answers until its input ends: its output is a pipe, so it writes in blocks.)
while IFS= read -r line; do
  printf '%s\n' "$line" | tr a-z A-Z
done
