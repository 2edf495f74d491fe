/** What a manifest says of a protocol, done by real programs. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { buildTree, parse } from "@outrider/outrider/manifest";
import { type ChildSpec, IncarnationEndedError, JsonRpcError, start, System } from "@outrider/outrider";
import { StartTimeoutError } from "@outrider/outrider/actor";
import { factories, launchFile } from "@outrider/outrider/actors/factories";

/** A tree of one sidecar, `a`, as its manifest has it. */
function treeOf(fields: Record<string, unknown>, defaults?: "otp"): ChildSpec {
  const text = JSON.stringify({ name: "t", defaults, children: [{ id: "a", command: "cat", ...fields }] });
  return buildTree(parse(text, { file: "/srv/outrider.json" }), factories);
}

const sh = (script: string) => ({ command: "sh", args: ["-c", script], cwd: "/" });
const bytes = (text: string) => new TextEncoder().encode(text);

const echoed: readonly [protocol: unknown, message: unknown, answer?: unknown][] = [
  ["lines", "hello"],
  ["ndjson", { id: "mine", a: 1 }],
  ["content-length", { id: "mine", a: 1 }],
  ["length-prefixed-be", bytes("hello")],
  ["length-prefixed-le", bytes("hello")],
  ["netstring", bytes("hello")],
  [{ type: "ndjson", pairing: "in-order" }, [1, null]],
  [{ type: "ndjson", pairing: { id: "n" } }, { a: 1 }, { n: 1, a: 1 }],
];

for (const [protocol, message, answer = message] of echoed) {
  Deno.test(`an ask over ${JSON.stringify(protocol)}`, async () => {
    await using system = await start(treeOf({ protocol, cwd: "/" }));
    assertEquals(await system.ref("a").ask(message), answer);
  });
}

for (const protocol of ["jsonrpc", { type: "jsonrpc", framing: "headers", dialect: "lsp" }]) {
  Deno.test(`a call over ${JSON.stringify(protocol)}`, async () => {
    await using system = await start(treeOf({ protocol, cwd: "/" }));
    // `cat` asks us what it was asked, and nobody here answers such requests.
    const error = await assertRejects(() => system.ref("a").ask({ method: "add" }), JsonRpcError);
    assertEquals(error.code, -32_601);
  });
}

Deno.test("a dialect takes a request back in its own words", async () => {
  const script = `read ask; read taken; printf '%s\\n' "$taken" >&2; cat > /dev/null`;
  await using system = await start(treeOf({ ...sh(script), protocol: { type: "jsonrpc", dialect: "mcp" } }));
  const events = system.events({ types: ["output"] });
  await assertRejects(() => system.ref("a").ask({ method: "slow" }, { timeout: 50 }));
  for await (const event of events) {
    if (event.type !== "output") continue;
    assertEquals(JSON.parse(event.line), {
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: 1, reason: "the caller waits no more" },
    });
    break;
  }
});

Deno.test("a line ends a reply of many lines, and is not part of it", async () => {
  const script = `while read n; do seq "$n"; echo .; done`;
  await using system = await start(treeOf({ ...sh(script), protocol: "lines", until: { end: "." } }));
  for (const n of [3, 0, 1]) {
    const frames = await Array.fromAsync(await system.ref("a").ask(String(n)) as AsyncIterable<string>);
    assertEquals(frames, ["1", "2", "3"].slice(0, n));
  }
});

Deno.test("a field marks the last object of a reply", async () => {
  const script = `while read ask; do
    printf '%s\\n' '{"id":1,"kind":"part"}' '7' '{"id":1,"kind":"end","n":2}'; done`;
  const until = { last: { field: "kind", equals: "end" } };
  await using system = await start(treeOf({ ...sh(script), protocol: "ndjson", until }));
  const frames = await system.ref("a").ask({ op: "go" }) as AsyncIterable<unknown>;
  assertEquals(await Array.fromAsync(frames), [{ id: 1, kind: "part" }, { id: 1, kind: "end", n: 2 }]);
});

for (const [attempts, answered] of [[3, true], [2, false]] as const) {
  Deno.test(`a message is replayed as declared, ${attempts} times at most`, async () => {
    const cwd = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${cwd}/count`, "");
      const script =
        `read ask; if [ "$(wc -l < count)" -ge 2 ]; then echo "$ask"; exec cat; fi; echo >> count; exit 3`;
      const fields = {
        ...sh(script),
        cwd,
        protocol: "lines",
        onDeath: "replay",
        attempts,
        backoff: { initial: 0 },
      };
      await using system = await start(treeOf(fields));
      const asked = system.ref("a").ask("hello");
      if (answered) assertEquals(await asked, "hello");
      else assertEquals((await assertRejects(() => asked, IncarnationEndedError)).attempts, 2);
    } finally {
      await Deno.remove(cwd, { recursive: true });
    }
  });
}

Deno.test("maxInFlight is how many requests it is given before the first is answered", async () => {
  // It looks whether a second line has come before it answers the first.
  const script = `while read a; do if read -t 0.2 b; then echo "$a"; echo "two"; else echo "one"; fi; done`;
  const fields = { command: "bash", args: ["-c", script], cwd: "/", protocol: "lines" };
  for (const [maxInFlight, answers] of [[1, ["one", "one"]], [2, ["x", "two"]]] as const) {
    await using system = await start(treeOf({ ...fields, maxInFlight }));
    const ref = system.ref("a");
    assertEquals(await Promise.all([ref.ask("x"), ref.ask("y")]), [...answers]);
  }
});

Deno.test("a start that takes longer than startWithin has failed", async () => {
  const never = { ...sh("exec sleep 60"), ready: { stdout: "x", within: "1h" }, startWithin: 50 };
  const error = await assertRejects(() => start(treeOf(never, "otp")), Error);
  assertInstanceOf(error.cause, StartTimeoutError);
});

Deno.test("a pool of copies, each with its own process", async () => {
  const script = `while read -r line; do echo "$$ $line"; done`;
  const sidecar = { ...sh(script), protocol: "lines" };
  const text = JSON.stringify({ name: "t", children: [{ id: "p", size: 2, sidecar }] });
  await using system = await start(buildTree(parse(text, { file: "/srv/outrider.json" }), factories));
  const answers = await Promise.all(["a", "b", "a", "b"].map((line) => system.ref("p").ask(line)));
  assertEquals(answers.map((answer) => answer.split(" ")[1]), ["a", "b", "a", "b"]);
  assertEquals(new Set(answers.map((answer) => answer.split(" ")[0])).size, 2);
});

Deno.test("a pool routes by a field", async () => {
  const script = `while read -r line; do echo '{"pid":'$$'}'; done`;
  const sidecar = { ...sh(script), protocol: { type: "ndjson", pairing: "in-order" } };
  const pool = { id: "p", size: 3, routing: { by: "hash", field: "user" }, sidecar };
  const text = JSON.stringify({ name: "t", children: [pool] });
  await using system = await start(buildTree(parse(text, { file: "/srv/outrider.json" }), factories));
  const pidOf = async (user: string) => (await system.ref("p").ask({ user, n: 1 })).pid;
  const users = Array.from({ length: 12 }, (_, index) => `u${index}`);
  const first = await Promise.all(users.map(pidOf));
  assertEquals(await Promise.all(users.map(pidOf)), first);
  assertEquals(new Set(first).size, 3);
});

/** `take` reads a message with headers, `say` writes one; ASCII only. */
const WORDS = `
take() { read -r n; read -r empty; n=\${n#*: }; got=$(head -c "\${n%?}"); }
say() { printf 'Content-Length: %d\\r\\n\\r\\n%s' \${#1} "$1"; }
answer() { say '{"jsonrpc":"2.0","id":'"$1"',"result":'"$2"'}'; }
`;

Deno.test("a language server goes through handshake, request and shutdown", async () => {
  const script = `${WORDS} take; printf '%s\\n' "$got" >&2; answer 1 '{"capabilities":{}}'; take
    take; answer 2 '"shown"'; take; printf '%s\\n' "$got" >&2; answer 3 null; take; printf '%s\\n' "$got" >&2`;
  const protocol = { type: "lsp", rootUri: "file:///work", initializationOptions: { deep: [1] } };
  const system = await start(treeOf({ ...sh(script), protocol }));
  const events = system.events({ types: ["output"] });
  assertEquals(await system.ref("a").ask({ method: "hover" }), "shown");
  assertEquals(await system.ref("a").ask({ method: "initialize" }), { capabilities: {} });
  await system.stop();
  const said: string[] = [];
  for await (const event of events) if (event.type === "output") said.push(JSON.parse(event.line).method);
  assertEquals(said, ["shutdown", "exit"]);
});

Deno.test("launchFile runs the tree of a manifest, and names what is not for this platform, when it has both", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const other = Deno.build.os === "linux" ? "darwin" : "linux";
    const children = [
      { id: "a", command: "cat", protocol: "lines", cwd: "/" },
      { id: "b", command: "cat", platforms: [other] },
    ];
    const file = `${folder}/outrider.json`;
    await Deno.writeTextFile(file, JSON.stringify({ name: "t", onHostDeath: "eof", children }));
    const warnings: string[] = [];
    await using app = await launchFile(file, { warn: (line) => warnings.push(line) });
    assertEquals(await app.ref("a").ask("hello"), "hello");
    assertEquals(app.status().map(({ path }) => path), ["a"]);
    assertEquals(warnings.filter((line) => line.startsWith("Left out: b: ")).length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an MCP server is offered the versions that its manifest names", async () => {
  const version = "2024-11-05";
  const script = `read -r ask; printf '%s\\n' "$ask" >&2
    printf '%s\\n' '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"${version}","capabilities":{}}}'
    exec cat >/dev/null`;
  const protocol = { type: "mcp", versions: [version] };
  const system = new System(treeOf({ ...sh(script), protocol, stop: { stdin: 0, term: 0 } }));
  const events = system.events({ types: ["output"] });
  await system.start();
  const { value } = await events.next();
  const asked = value?.type === "output" ? JSON.parse(value.line) : undefined;
  assertEquals([asked.method, asked.params.protocolVersion], ["initialize", version]);
  await system.stop();
});
