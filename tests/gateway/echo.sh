# An MCP server in the shell, cheap to start: its tool answers with its argument n, which is a number, and its pid; with
# the argument hang it answers nothing any more.
while IFS= read -r line; do
  id=${line#*'"id":'}; id=${id%%,*}
  case $line in
    *'"method":"initialize"'*)
      version=${line#*'"protocolVersion":"'}; version=${version%%'"'*}
      result='{"protocolVersion":"'$version'","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}' ;;
    *'"method":"tools/list"'*) result='{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}' ;;
    *'"hang":'*) exec sleep 60 ;;
    *'"method":"tools/call"'*)
      n=${line#*'"n":'}; n=${n%%[!0-9]*}
      result='{"content":[{"type":"text","text":"'$n' '$$'"}]}' ;;
    *) continue ;;
  esac
  printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done
