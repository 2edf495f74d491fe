/** Replies that the specification has not: what mature clients make of the same bytes, and what is made of them here. */
import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { PassThrough } from "node:stream";
import { Client } from "npm:@modelcontextprotocol/sdk@1.32.2/client/index.js";
import type { Transport } from "npm:@modelcontextprotocol/sdk@1.32.2/shared/transport.js";
import type { JSONRPCMessage } from "npm:@modelcontextprotocol/sdk@1.32.2/types.js";
import { ReadBuffer } from "npm:@modelcontextprotocol/sdk@1.32.2/shared/stdio.js";
import {
  createMessageConnection,
  NullLogger,
  StreamMessageReader,
  StreamMessageWriter,
} from "npm:vscode-jsonrpc@10.0.0/node";
import { z } from "zod";
import { codecs } from "@outrider/outrider/protocol";
import { JsonRpcError, SidecarProtocolError } from "@outrider/outrider";
import { JsonRpcCorrelation } from "../../../src/sidecar/json_rpc/correlation.ts";
import { Caller, RecordedLine } from "../../support/line.ts";

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
];

/** Settles as `reply` does, or with "nothing" once `over` is fulfilled, which is behind what would settle it. */
async function made(reply: Promise<unknown>, over: Promise<void>): Promise<Made> {
  let told: Made = "nothing";
  reply.then(() => told = "result", () => told = "error");
  await over;
  await turns();
  return told;
}

/** Enough turns of the event loop for what has been read to be handled. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
}

async function byVscode(reply: string): Promise<Made> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const client = createMessageConnection(
    new StreamMessageReader(input),
    new StreamMessageWriter(output),
    NullLogger,
  );
  const marked = Promise.withResolvers<void>();
  client.onNotification("mark", marked.resolve);
  client.listen();
  const sent = new Promise<Buffer>((resolve) => output.once("data", resolve));
  const answer = client.sendRequest("x");
  const { id } = JSON.parse(`${await sent}`.replace(/^[^]*?\r\n\r\n/, "") || `${await bodyOf(output)}`);
  for (const text of [reply.replace("ID", id), '{"jsonrpc":"2.0","method":"mark"}']) {
    input.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }
  const result = await made(answer, marked.promise);
  client.dispose();
  return result;
}

/** The content of a message whose header came alone. */
function bodyOf(output: PassThrough): Promise<Buffer> {
  return new Promise((resolve) => output.once("data", resolve));
}

async function bySdk(reply: string): Promise<Made> {
  const lines = new ReadBuffer();
  const sent = Promise.withResolvers<JSONRPCMessage>();
  const client = new Client({ name: "test", version: "1" }, { capabilities: {} });
  const transport: Transport = {
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
    send(message: JSONRPCMessage) {
      if (!("id" in message && "method" in message)) return Promise.resolve();
      if (message.method !== "initialize") sent.resolve(message);
      else {
        const result = {
          protocolVersion: message.params!.protocolVersion,
          capabilities: {},
          serverInfo: { name: "s", version: "1" },
        };
        setTimeout(() => transport.onmessage!({ jsonrpc: "2.0", id: message.id, result } as JSONRPCMessage));
      }
      return Promise.resolve();
    },
  };
  await client.connect(transport);
  const stopped = new AbortController();
  const answer = client.request({ method: "x" }, z.looseObject({}) as never, { signal: stopped.signal });
  const { id } = await sent.promise as { id: number };
  lines.append(Buffer.from(`${reply.replace("ID", `${id}`)}\n`));
  try {
    const message = lines.readMessage();
    if (message !== null) transport.onmessage!(message);
  } catch {
    // Its transport reports what its schema refuses, and reads on.
  }
  const result = await made(answer, turns());
  stopped.abort();
  await answer.catch(() => {});
  await client.close();
  return result;
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

for (const { name, reply, vscode, sdk, ours } of REPLIES) {
  Deno.test(`a reply with ${name} settles an ask where a mature client takes it`, async () => {
    const got = byUs(reply);
    const here: Made = got === undefined ? "nothing" : got instanceof Error ? "error" : "result";
    assertEquals({ vscode: await byVscode(reply), sdk: await bySdk(reply), ours: here }, {
      vscode,
      sdk,
      ours,
    });
  });
}

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
