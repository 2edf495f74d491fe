/**
 * Asks over a package's own connection to the echo program, run by Node: `round_trips.mjs PACKAGE FOLDER IN_FLIGHT
 * COMMAND ARGS…`. For each number on a line of stdin it makes so many asks, so many of them at a time, and says the sum
 * of what was answered. `node_peer.ts` is at the other end.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [name, folder, inFlight, command, ...args] = process.argv.slice(2);
const { resolve } = createRequire(`${folder}/`);
const load = (path) => import(resolve(path));
const TEXT = "about as long as a small request";

/** The SDK's transport as it is, with the least that pairs a response with its request. */
async function modelContextProtocol() {
  const { StdioClientTransport } = await load("@modelcontextprotocol/sdk/client/stdio.js");
  const transport = new StdioClientTransport({ command, args });
  const waiting = new Map();
  let next = 1;
  transport.onmessage = ({ id, result }) => {
    waiting.get(id)(result);
    waiting.delete(id);
  };
  await transport.start();
  return (params) =>
    new Promise((resolve) => {
      const id = next++;
      waiting.set(id, resolve);
      void transport.send({ jsonrpc: "2.0", id, method: "echo", params });
    });
}

async function vscodeJsonRpc() {
  const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = await load(
    "vscode-jsonrpc/node",
  );
  const { stdin, stdout } = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
  connection.listen();
  return (params) => connection.sendRequest("echo", params);
}

const ask = await { "@modelcontextprotocol/sdk": modelContextProtocol, "vscode-jsonrpc": vscodeJsonRpc }
  [name]();

async function round(amount) {
  let next = 1;
  let sum = 0;
  const caller = async () => {
    while (next <= amount) {
      const answer = await ask({ number: next++, text: TEXT });
      sum += answer.number;
    }
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, caller));
  return sum;
}

for await (const amount of createInterface({ input: process.stdin })) {
  console.log(await round(Number(amount)));
}
process.exit(); // the echo sees the end of its stdin
