/** What clients over HTTP can do to the process that answers them: nothing, but for having their answer. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { EXCHANGE_MS, HttpServer, MAX_CONNECTIONS, MAX_HEAD } from "../../src/service/http_server.ts";
import { readHttpHead } from "../../src/service/http_text.ts";
import { Folder, Running, words } from "../cli/outrider.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };
const yes = () => ({ status: 200, text: "yes\n" }) as const;
const bytes = (text: string) => new TextEncoder().encode(text);

/** All that comes until the connection is closed, in order or not. */
async function readAll(connection: Deno.Conn): Promise<string> {
  let text = "";
  try {
    for await (const chunk of connection.readable) text += new TextDecoder().decode(chunk);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}

async function exchange(server: HttpServer, request: string): Promise<string> {
  const connection = await Deno.connect(server.address);
  await connection.write(bytes(request));
  return await readAll(connection);
}

for (
  const [text, head] of [
    ["GET /livez HTTP/1.1\r\nHost: h:80", { method: "GET", path: "/livez", host: "h:80" }],
    ["GET /livez?verbose HTTP/1.0", { method: "GET", path: "/livez", host: undefined }],
    ["HEAD http://h/readyz HTTP/1.1\nhost:h", { method: "HEAD", path: "/readyz", host: "h" }],
    ["GET /livez HTTP/1.1\r\nHost: a\r\nHost: b", undefined],
    ["GET livez HTTP/1.1", undefined],
    ["GET /livez", undefined],
    ["PRI * HTTP/2.0", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`the head of a request is ${head === undefined ? "refused" : "read"} when it is ${JSON.stringify(text)}`, () => {
    assertEquals(readHttpHead(text), head);
  });
}

for (
  const [title, request, first, end] of [
    [
      "the text when it is asked",
      "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
      "HTTP/1.1 200 OK\r\n",
      "\r\n\r\nyes\n",
    ],
    ["no text when it is asked by HEAD", "HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n", "\r\n\r\n"],
    ["400 when it can't read the request", "\u0016\u0003\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "\n"],
    [
      "431 when the head is too long",
      `GET / HTTP/1.1\r\nx: ${"é".repeat(MAX_HEAD)}\r\n\r\n`,
      "HTTP/1.1 431 Request Header Fields Too Large\r\n",
      "\n",
    ],
    [
      "the text when a body follows",
      `GET / HTTP/1.1\r\ncontent-length: 30000\r\n\r\n${"x".repeat(30_000)}`,
      "HTTP/1.1 200 OK\r\n",
      "\r\n\r\nyes\n",
    ],
  ] as const
) {
  Deno.test(`an HTTP server answers ${title}`, async () => {
    using server = new HttpServer(LOOPBACK, yes);
    const answer = await exchange(server, request);
    assertEquals(answer.slice(0, first.length), first);
    assertStringIncludes(answer, "\r\nconnection: close\r\n");
    assertEquals(answer.slice(-end.length), end);
  });
}

Deno.test("an HTTP server closes a connection when its request is not whole in time", async () => {
  const clock = new VirtualClock();
  using server = new HttpServer(LOOPBACK, yes, clock);
  const slow = await Deno.connect(server.address);
  await slow.write(bytes("GET / HTTP/1.1\r\nHost:"));
  // What comes later is answered: the first one was taken before.
  assertStringIncludes(await exchange(server, "GET / HTTP/1.1\r\n\r\n"), "200 OK");
  await clock.advance(EXCHANGE_MS);
  assertEquals(await readAll(slow), "");
});

Deno.test("an HTTP server closes the oldest connection when one more comes than it has at a time", async () => {
  using server = new HttpServer(LOOPBACK, yes, new VirtualClock());
  const idle: Deno.Conn[] = [];
  for (let count = 0; count < MAX_CONNECTIONS; count++) idle.push(await Deno.connect(server.address));
  assertStringIncludes(await exchange(server, "GET / HTTP/1.1\r\n\r\n"), "200 OK");
  const [oldest, ...others] = idle;
  assertEquals(await readAll(oldest!), "");
  const last = others.at(-1)!;
  await last.write(bytes("GET / HTTP/1.1\r\n\r\n"));
  assertStringIncludes(await readAll(last), "200 OK");
  for (const one of others.slice(0, -1)) one.close();
});

Deno.test("up keeps its tree, and answers over HTTP, when more connections are idle than it may have files", async () => {
  await using folder = new Folder();
  using free = Deno.listen(LOOPBACK);
  const { port } = free.addr as Deno.NetAddr;
  free.close();
  const manifest = folder.manifest([{ id: "good", command: "sleep", args: ["600"] }]);
  const line = words(["up", manifest, "--http", `127.0.0.1:${port}`]);
  const [shell, stdin] = ["sh", "null"] as const;
  const program = new Deno.Command(shell, {
    args: ["-c", 'ulimit -n 200; exec "$@"', "sh", ...line],
    env: { NO_COLOR: "1", XDG_STATE_HOME: folder.path },
    stdin,
    stdout: "piped",
    stderr: "piped",
  });
  await using up = new Running(program);
  await up.line(/tree +ready/);
  const idle: Deno.Conn[] = [];
  try {
    for (let count = 0; count < 300; count++) idle.push(await Deno.connect({ hostname: "127.0.0.1", port }));
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal });
    assertEquals(await response.text(), "running, 1 of 1 well\n");
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
  } finally {
    for (const one of idle) one.close();
  }
});
