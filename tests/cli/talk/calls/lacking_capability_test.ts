/** What a language server does not declare, asked for by the verbs. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { command, Folder, Running } from "../../outrider.ts";
import { Session } from "../../session.ts";

const session = new Session();

/** A language server that can do nothing. */
const script = `while IFS= read -r header; do
  n=\${header#*: }; n=\${n%?}; IFS= read -r _; got=$(head -c "$n"); id=\${got#*'"id":'}; id=\${id%%[,\\}]*}
  case $got in
    *'"method":"initialize"'*) result='{"capabilities":{}}' ;;
    *'"method":"shutdown"'*) result=null ;;
    *'"method":"exit"'*) exit 0 ;;
    *) continue ;;
  esac
  body='{"jsonrpc":"2.0","id":'$id',"result":'$result'}'
  printf 'Content-Length: %s\\r\\n\\r\\n%s' "\${#body}" "$body"
done`;
const server = { id: "ls", command: "sh", args: ["-c", script], protocol: "lsp" };

const METHOD = "textDocument/rename";
const WHY = `Cannot ask for ${METHOD}: the server does not have the capability renameProvider; ` +
  "its answer to initialize shows what it has";

Deno.test("call and ask say in a sentence what a language server lacks when its capabilities do not have the method", async () => {
  await using folder = new Folder();
  const file = folder.manifest([server]);
  const said = { code: 4, stdout: "", stderr: `${WHY}\n` };
  assertEquals(await session.run(["call", file, "ls", METHOD, "{}"]), said);
  assertEquals(await session.run(["ask", file, "ls", `{"method":"${METHOD}"}`]), said);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const { code, stderr } = await session.run(["call", "ls", METHOD, "{}"], { cwd: folder.path });
  assertEquals(code, 4);
  assertStringIncludes(stderr, WHY);
});

Deno.test("pipe answers the line of a request with its error when the language server lacks the method", async () => {
  await using folder = new Folder();
  const file = folder.manifest([server]);
  const pipe = command(["pipe", file, "ls"], {}, { stdin: "piped" }).spawn();
  const input = pipe.stdin.getWriter();
  await input.write(new TextEncoder().encode(`{"jsonrpc":"2.0","id":1,"method":"${METHOD}","params":{}}\n`));
  await input.close();
  const { code, stdout } = await pipe.output();
  const error = { code: -32000, message: WHY, data: { code: "lsp_method" } };
  assertEquals([code, JSON.parse(new TextDecoder().decode(stdout))], [1, { jsonrpc: "2.0", id: 1, error }]);
});
