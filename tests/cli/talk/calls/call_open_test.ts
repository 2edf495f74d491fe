/** `outrider call --open`: a document that a language server knows for the time of a call. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { languageIdOf } from "../../../../src/cli/talk/calls/language_ids.ts";
import { Folder, outrider, Running } from "../../outrider.ts";
import { Session } from "../../session.ts";

const session = new Session();

/** It answers each request with all that it was sent until then. */
const script = `while IFS= read -r got; do
  id=\${got#*'"id":'}; id=\${id%%,*}; seen="$seen$got"
  case "$got" in *'"id":'*) printf '{"jsonrpc":"2.0","id":%s,"result":[%s]}\\n' "$id" "$seen";; esac
  seen="$seen,"
done`;
const server = {
  id: "ls",
  command: "sh",
  args: ["-c", script],
  protocol: { type: "jsonrpc", framing: "lines", dialect: "lsp" },
};

interface Seen {
  readonly method: string;
  // deno-lint-ignore no-explicit-any -- as the server had it
  readonly params?: any;
}

/** Runs `call`; what the server was sent. */
async function seenBy(args: readonly string[], cwd?: string): Promise<readonly Seen[]> {
  const { code, stdout, stderr } = cwd === undefined
    ? await session.run(["call", ...args])
    : await outrider(["call", ...args], { cwd });
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("call --open opens documents before the call, and names the first where PARAMS name none", async () => {
  await using folder = new Folder();
  const file = folder.manifest([server]);
  folder.write("a b.tsx", "é = 1\n");
  folder.write("x", "");
  const [uri, other] = ["a%20b.tsx", "x"].map((name) => `file://${folder.path}/${name}`);
  const open = ["--open", `${folder.path}/a b.tsx`, "--open", `${folder.path}/x`, "--language", "plain"];
  const [first, second, hover] = await seenBy([file, "ls", "hover", '{"position":{"line":1}}', ...open]);
  const opened = (uri: string | undefined, text: string) => ({ uri, languageId: "plain", version: 1, text });
  assertEquals([first!.method, first!.params.textDocument], ["textDocument/didOpen", opened(uri, "é = 1\n")]);
  assertEquals(second!.params.textDocument, opened(other, ""));
  assertEquals([hover!.method, hover!.params.textDocument, hover!.params.position], ["hover", { uri }, {
    line: 1,
  }]);
  const own = '{"textDocument":{"uri":"file:///else"}}';
  const [, , asked] = await seenBy([file, "ls", "hover", own, ...open]);
  assertEquals(asked!.params.textDocument, { uri: "file:///else" });
});

Deno.test("call --open tells the language by the name, takes a path of this folder, and closes the document", async () => {
  await using folder = new Folder();
  folder.manifest([server]);
  folder.write("a.py", "x = 1\n");
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  await seenBy(["ls", "hover", "--open", "a.py"], folder.path);
  const seen = await seenBy(["ls", "again"], folder.path);
  const methods = ["textDocument/didOpen", "hover", "textDocument/didClose", "again"];
  assertEquals(seen.map(({ method }) => method), methods);
  const uri = `file://${await Deno.realPath(folder.path)}/a.py`;
  assertEquals([seen[0]!.params.textDocument.languageId, seen[2]!.params], ["python", {
    textDocument: { uri },
  }]);
});

const refused: readonly [child: string, args: readonly string[], says: string][] = [
  ["ls", ["m", "[]", "--open", "a.py"], "Cannot use PARAMS: with --open it is a JSON object"],
  ["ls", ["m", "--open", "gone.py"], "Cannot open gone.py: no such file"],
  ["ls", ["m", "--open", "bad.py"], "Cannot open bad.py: it is not UTF-8"],
  ["ls", ["m", "--open", "x"], "Cannot open x: its name does not tell its language; add --language ID"],
  ["ls", ["m", "--language", "json"], "Cannot use --language: it is that of the FILE of --open"],
  ["rpc", ["m", "--open", "a.py"], "Cannot open a.py: 'rpc' is not a language server"],
];

Deno.test("call --open is refused, with 2, when the document can't be opened", async () => {
  await using folder = new Folder();
  const file = folder.manifest([server, { id: "rpc", command: "cat", protocol: "jsonrpc" }]);
  for (const name of ["a.py", "x"]) folder.write(name, "");
  await Deno.writeFile(`${folder.path}/bad.py`, new Uint8Array([0xff]));
  for (const [child, args, says] of refused) {
    const placed = args.map((arg, at) => args[at - 1] === "--open" ? `${folder.path}/${arg}` : arg);
    const { code, stderr } = await session.run(["call", file, child, ...placed]);
    assertEquals(code, 2);
    assertStringIncludes(stderr.replaceAll(`${folder.path}/`, ""), says);
  }
});

Deno.test("call --open says which language it takes when an extension is not known", async () => {
  await using folder = new Folder();
  const file = folder.manifest([server]);
  for (const name of ["a.quux", "a.zig"]) folder.write(name, "");
  const opened = async (name: string, ...more: string[]) => {
    const { code, stderr } = await session.run([
      "call",
      file,
      "ls",
      "m",
      "--open",
      `${folder.path}/${name}`,
      ...more,
    ]);
    assertEquals(code, 0, stderr);
    return stderr;
  };
  assertStringIncludes(
    await opened("a.quux"),
    "a.quux as the language 'quux', which is its extension; --language ID says another\n",
  );
  assertEquals(await opened("a.zig") + await opened("a.quux", "--language", "quux"), "");
});

Deno.test("call asks a server with a dialect for progress, and waits for --max-total-timeout at most", async () => {
  await using folder = new Folder();
  const file = folder.manifest([server, {
    ...server,
    id: "silent",
    command: "sleep",
    args: ["60"],
    after: [],
  }]);
  const [asked] = await seenBy([file, "ls", "slow"]);
  assertEquals(asked!.params, { workDoneToken: 1 });
  const { code, stderr } = await session.run([
    "call",
    file,
    "silent",
    "m",
    "--timeout",
    "1h",
    "--max-total-timeout",
    "100ms",
  ]);
  assertEquals(code, 5);
  assertStringIncludes(stderr, "no reply within 100 ms");
});

Deno.test("a language follows from the name of a file", () => {
  const names = ["a.json", "a.TS", "b.d.mts", "x/Dockerfile", "Makefile", "a.zig", "a.yml", ".sh", "none"];
  const ids = [
    "json",
    "typescript",
    "typescript",
    "dockerfile",
    "makefile",
    "zig",
    "yaml",
    undefined,
    undefined,
  ];
  assertEquals(names.map(languageIdOf), ids);
});
