/** Replies that the specification has not: what mature clients make of the same bytes, and what is made of them here. */
import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { codecs } from "@outrider/outrider/protocol";
import { lsp } from "@outrider/outrider/actors/lsp";
import { JsonRpcError, SidecarProtocolError } from "@outrider/outrider";
import { JsonRpcCorrelation } from "../../../src/sidecar/json_rpc/correlation.ts";
import { Caller, RecordedLine } from "../../support/line.ts";
import { Probe, sh } from "../health/probe.ts";

type Made = "result" | "error" | "nothing";

/**
 * The bytes of a reply to the first request, whose id is `ID`, and what each client makes of them. The official clients
 * differ; here, whatever one of them takes for a reply settles the ask.
 */
const REPLIES: readonly {
  readonly name: string;
  readonly reply: string;
  readonly vscode: Made;
  readonly sdk: Made;
  readonly ours: Made;
}[] = [
  {
    name: "a result",
    reply: '{"jsonrpc":"2.0","id":ID,"result":{"n":1}}',
    vscode: "result",
    sdk: "result",
    ours: "result",
  },
  {
    name: "a null error beside the result",
    reply: '{"jsonrpc":"2.0","id":ID,"result":{"n":1},"error":null}',
    vscode: "result",
    sdk: "nothing",
    ours: "result",
  },
  {
    name: "an error beside a null result",
    reply: '{"jsonrpc":"2.0","id":ID,"result":null,"error":{"code":1,"message":"no"}}',
    vscode: "error",
    sdk: "nothing",
    ours: "error",
  },
  {
    name: "the id as a text",
    reply: '{"jsonrpc":"2.0","id":"ID","result":{"n":1}}',
    vscode: "nothing",
    sdk: "result",
    ours: "result",
  },
  {
    name: "an error whose id is a text",
    reply: '{"jsonrpc":"2.0","id":"ID","error":{"code":1,"message":"no"}}',
    vscode: "nothing",
    sdk: "error",
    ours: "error",
  },
  {
    name: "neither a result nor an error",
    reply: '{"jsonrpc":"2.0","id":ID}',
    vscode: "error",
    sdk: "nothing",
    ours: "error",
  },
  {
    name: "a null error and no result",
    reply: '{"jsonrpc":"2.0","id":ID,"error":null}',
    vscode: "error",
    sdk: "nothing",
    ours: "error",
  },
  {
    name: "an error with a null id",
    reply: '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}',
    vscode: "nothing",
    sdk: "nothing",
    ours: "nothing",
  },
  {
    name: "no version",
    reply: '{"id":ID,"result":{"n":1}}',
    vscode: "result",
    sdk: "nothing",
    ours: "result",
  },
  {
    name: "a null method beside the result",
    reply: '{"jsonrpc":"2.0","id":ID,"method":null,"params":null,"result":{"n":1},"error":null}',
    vscode: "result",
    sdk: "nothing",
    ours: "result",
  },
  {
    name: "a null method beside the error",
    reply:
      '{"jsonrpc":"2.0","id":ID,"method":null,"params":null,"result":null,"error":{"code":1,"message":"no"}}',
    vscode: "error",
    sdk: "nothing",
    ours: "error",
  },
  {
    name: "a null method and neither a result nor an error",
    reply: '{"jsonrpc":"2.0","id":ID,"method":null}',
    vscode: "error",
    sdk: "nothing",
    ours: "error",
  },
  {
    name: "a version that is a number",
    reply: '{"jsonrpc":2,"id":ID,"result":{"n":1}}',
    vscode: "result",
    sdk: "nothing",
    ours: "result",
  },
  {
    name: "an error that is a text",
    reply: '{"jsonrpc":"2.0","id":ID,"error":"no"}',
    vscode: "error",
    sdk: "nothing",
    ours: "error",
  },
  {
    name: "an error whose code is a text",
    reply: '{"jsonrpc":"2.0","id":ID,"error":{"code":"E_NO","message":"no"}}',
    vscode: "error",
    sdk: "nothing",
    ours: "error",
  },
];

/** What the official clients make of each reply, in a program with a lock file of its own. */
async function byOthers(): Promise<{ vscode: Made; sdk: Made }[]> {
  const folder = new URL("../../fixtures/", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--no-config", "--frozen", `--lock=${folder}json_rpc_clients.lock`],
      ...[`${folder}json_rpc_clients.mjs`, JSON.stringify(REPLIES.map(({ reply }) => reply))],
    ],
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function byUs(reply: string): unknown {
  const line = new RecordedLine();
  const pairing = new JsonRpcCorrelation(line, codecs.ndjson, {});
  const caller = new Caller();
  const { id } = JSON.parse(pairing.request({ method: "x" }, caller) as string);
  const decoder = codecs.ndjson.decoder({
    message: (value) => pairing.match(value),
    malformed: () => {},
  }, { maxFrame: 10_000 });
  decoder.push(new TextEncoder().encode(`${reply.replace("ID", id)}\n`));
  return caller.got[0];
}

Deno.test("a reply settles an ask where a mature client takes it", async () => {
  const others = await byOthers();
  for (const [at, { name, reply, vscode, sdk, ours }] of REPLIES.entries()) {
    const got = byUs(reply);
    const here: Made = got === undefined ? "nothing" : got instanceof Error ? "error" : "result";
    assertEquals({ ...others[at]!, ours: here }, { vscode, sdk, ours }, name);
  }
});

Deno.test("a reply with neither a result nor an error rejects with the fault it is", () => {
  const error = byUs('{"jsonrpc":"2.0","id":ID}');
  assertInstanceOf(error, SidecarProtocolError);
  assertEquals(error.fault.kind, "not_json_rpc");
  assertMatch(error.message, /^Cannot use the reply of 'worker': it has neither a result nor an error: /);
});

Deno.test("an error that was null, false, 0 or empty is none beside a result", () => {
  for (const error of ["null", "false", "0", '""']) {
    assertEquals(byUs(`{"jsonrpc":"2.0","id":ID,"result":7,"error":${error}}`), 7);
  }
  assertInstanceOf(byUs('{"jsonrpc":"2.0","id":ID,"result":7,"error":{"code":1}}'), JsonRpcError);
});

Deno.test("a text pairs as an id where it is the number, and in no other spelling", () => {
  for (const id of ["01", "1.0", " 1", "+1", "1e0", "", "x"]) {
    assertEquals(byUs(`{"jsonrpc":"2.0","id":"${id}","result":1}`), undefined, id);
  }
});

Deno.test("a language server is used like any other when it sends Content-Type first and null errors beside results", async () => {
  const script = `
    take() { read -r n; read -r empty; n=\${n#*: }; got=$(head -c "\${n%?}"); }
    say() { set -- '{"id":'"$1"',"result":'"$2"',"error":null,"jsonrpc":"2.0"}'
      printf 'Content-Type: application/vscode-jsonrpc; charset=utf8\\r\\nContent-Length: %d\\r\\n\\r\\n%s' \${#1} "$1"; }
    take; say 1 '{"capabilities":{"hoverProvider":null}}'; take
    take; say 2 '{"got":true}'
    take; say 3 null; take; exit 0`;
  await using probe = await Probe.start((id) => lsp(id, sh(script)));
  assertEquals(await probe.ref.ask({ method: "x" }), { got: true });
  await probe.system.stop();
  assertEquals(probe.steps(), ["drain", "goodbye"]);
});
