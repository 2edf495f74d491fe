/** What a web server can do to the check of a probe, and where the check goes: nowhere but there. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { OptionError } from "@outrider/outrider";
import { httpCheck } from "../../../src/sidecar/health/probe_checks.ts";
import { MAX_HEAD_BYTES, redactUrl, requestStatus } from "../../../src/sidecar/health/probe_http.ts";
import { checkOptions } from "../../../src/options/check.ts";
import { probes } from "../../../src/options/fields/probes.ts";
import { Folder, Running } from "../../cli/outrider.ts";
import { Session } from "../../cli/session.ts";

const { outrider } = new Session();

const never = new AbortController().signal;

/** A server on loopback that does `act` with each connection, once it has the head of a request. */
class RawServer implements AsyncDisposable {
  readonly requests: string[] = [];
  readonly #listener: Deno.TcpListener;
  readonly #conns: Deno.TcpConn[] = [];
  readonly #over: Promise<void>;
  /** How many connections the other side has ended. */
  ended = 0;
  #onEnd = Promise.withResolvers<void>();

  constructor(act: (conn: Deno.TcpConn) => unknown, hostname = "127.0.0.1") {
    this.#listener = Deno.listen({ hostname, port: 0 });
    this.#over = this.#serve(act);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  url(path = "/"): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Fulfilled when the other side has ended a connection. */
  async untilEnded(count: number): Promise<void> {
    while (this.ended < count) await this.#onEnd.promise;
  }

  async #serve(act: (conn: Deno.TcpConn) => unknown): Promise<void> {
    const running: Promise<unknown>[] = [];
    for await (const conn of this.#listener) {
      this.#conns.push(conn);
      running.push(this.#answer(conn, act).catch(() => {}));
    }
    await Promise.all(running);
  }

  async #answer(conn: Deno.TcpConn, act: (conn: Deno.TcpConn) => unknown): Promise<void> {
    const bytes = new Uint8Array(100_000);
    const size = await conn.read(bytes);
    this.requests.push(new TextDecoder().decode(bytes.subarray(0, size ?? 0)));
    const acting = Promise.resolve(act(conn)).catch(() => {});
    while (await conn.read(bytes).catch(() => null) !== null);
    this.ended++;
    this.#onEnd.resolve();
    this.#onEnd = Promise.withResolvers();
    await acting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) {
      try {
        conn.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    }
    await this.#over;
  }
}

async function write(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Why the check failed; `""` is success. */
async function why(url: string, cut: AbortSignal = never): Promise<string> {
  return (await httpCheck(url).run(cut))?.why ?? "";
}

const answers: [how: string, text: string, says: RegExp][] = [
  ["has a status and no more", "HTTP/1.1 200 OK\r\n\r\n", /^$/],
  ["is of HTTP/1.0, without a reason, with bare line feeds", "HTTP/1.0 204\nA: b\n\n", /^$/],
  [
    "has a body of chunks that never ends",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
    /^$/,
  ],
  ["has a length that never comes", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx", /^$/],
  ["has a coding that nobody knows", "HTTP/1.1 200 OK\r\nContent-Encoding: x-none\r\n\r\n", /^$/],
  [
    "comes behind interim ones",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    /^$/,
  ],
  [
    "fails behind interim ones",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\n\r\n",
    /answered with status 500$/,
  ],
  ["redirects to another host", "HTTP/1.1 302 Found\r\nLocation: http://10.255.255.1/\r\n\r\n", /^$/],
  ["switches protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", /answered with status 101$/],
  ["is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", /the answer is not HTTP\/1\.1$/],
  ["has no number", "HTTP/1.1 OK\r\n\r\n", /the answer is not HTTP\/1\.1$/],
  ["is cut short in its head", "HTTP/1.1 200 OK\r\nA: b\r\n", /the connection ended before an answer$/],
  ["is empty", "", /the connection ended before an answer$/],
];

for (const [how, text, says] of answers) {
  Deno.test(`a check of a web server reads the status when the answer ${how}`, async () => {
    await using server = new RawServer(async (conn) => {
      await write(conn, text);
      if (says.source.includes("ended")) await conn.closeWrite();
    });
    assertMatch(await why(server.url()), says);
    await server.untilEnded(1);
  });
}

Deno.test("a check of a web server reads an answer that comes byte by byte", async () => {
  await using server = new RawServer(async (conn) => {
    conn.setNoDelay();
    for (const byte of "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 404 Not Found\r\nA: b\r\n\r\n") {
      await write(conn, byte);
    }
  });
  assertEquals(await why(server.url("/x")), `${server.url("/x")} answered with status 404`);
});

Deno.test("a check of a web server gives up when the head of the answer has no end", async () => {
  await using server = new RawServer(async (conn) => {
    await write(conn, "HTTP/1.1 200 OK\r\n");
    for (;;) await write(conn, `A: ${"b".repeat(1_000)}\r\n`);
  });
  assertStringIncludes(
    await why(server.url()),
    `the head of the answer has more than ${MAX_HEAD_BYTES} bytes`,
  );
  await server.untilEnded(1);
  await using interim = new RawServer(async (conn) => {
    for (;;) await write(conn, "HTTP/1.1 100 Continue\r\n\r\n".repeat(100));
  });
  assertStringIncludes(await why(interim.url()), `more than ${MAX_HEAD_BYTES} bytes`);
});

Deno.test("a check of a web server lets its connection go when it is cut, whatever the server does", async () => {
  const acts: ((conn: Deno.TcpConn) => unknown)[] = [
    () => {},
    (conn) => write(conn, "HTTP/1.1 200 OK\r\nA: "),
    (conn) => write(conn, "HTTP/1.1 100 Continue\r\n\r\n"),
  ];
  for (const act of acts) {
    const asked = Promise.withResolvers<void>();
    await using server = new RawServer(async (conn) => {
      await act(conn);
      asked.resolve();
    });
    const cut = new AbortController();
    const stuck = httpCheck(server.url()).run(cut.signal);
    await asked.promise;
    cut.abort();
    assertEquals(((await stuck)?.cause as Error).name, "AbortError");
    await server.untilEnded(1);
  }
  assertEquals(
    (await httpCheck("http://127.0.0.1:9/").run(AbortSignal.abort()))?.why.startsWith("no answer"),
    true,
  );
});

Deno.test("a check of a web server asks for its path, with its user and password, over a connection of its own", async () => {
  await using server = new RawServer((conn) => write(conn, "HTTP/1.1 200 OK\r\n\r\n"));
  await why(`http://us%20er:p%3Aä%zz@127.0.0.1:${server.port}/a%20b?q=1 2#gone`);
  const [line, ...headers] = server.requests[0]!.split("\r\n");
  assertEquals(line, "GET /a%20b?q=1%202 HTTP/1.1");
  assertEquals(headers.filter((header) => header !== "").sort(), [
    "accept: */*",
    `authorization: Basic ${new TextEncoder().encode("us er:p%3A%C3%A4%zz").toBase64()}`,
    "connection: close",
    `host: 127.0.0.1:${server.port}`,
    "user-agent: outrider-probe",
  ]);
  await why(server.url("/"));
  assert(!server.requests[1]!.includes("authorization"));
});

Deno.test({
  name: "a check of a web server takes an address of IPv6",
  ignore: (() => {
    try {
      Deno.listen({ hostname: "::1", port: 0 }).close();
      return false;
    } catch {
      return true;
    }
  })(),
  fn: async () => {
    await using server = new RawServer((conn) => write(conn, "HTTP/1.1 200 OK\r\n\r\n"), "::1");
    assertEquals(await why(`http://[::1]:${server.port}/`), "");
    assertStringIncludes(server.requests[0]!, `host: [::1]:${server.port}\r\n`);
  },
});

Deno.test("a URL is shown without its possible secrets", () => {
  assertEquals(redactUrl("http://127.0.0.1:8080/a?token=b"), "http://127.0.0.1:8080/a?***");
  assertEquals(redactUrl("https://user:pass@example.com"), "https://***@example.com/");
  assertEquals(redactUrl("https://user@example.com:8443/a#b"), "https://***@example.com:8443/a");
});

Deno.test("a probe with an invalid URL is refused without showing it", () => {
  for (
    const http of [
      { url: "http://user:hunter2@127.0.0.1:99999/" },
      { url: "ftp://user:hunter2@127.0.0.1/" },
      { url: "user:hunter2" },
      { port: 80, path: "@hunter2.example/" },
      { port: 80.5 },
    ]
  ) {
    const error = assertThrows(
      () => checkOptions("Cannot probe", probes, { liveness: { http } }),
      OptionError,
    );
    assert(!error.message.includes("hunter2"), error.message);
  }
});

/** A manifest of one sidecar, with a liveness probe. */
function probed(folder: Folder, http: Record<string, unknown>, more: Record<string, unknown> = {}): string {
  const liveness = { http, period: "50ms", timeout: "5s", ...more };
  return folder.manifest([{
    id: "c",
    command: "cat",
    inheritEnv: [],
    restart: "temporary",
    stdin: "pipe",
    probes: { liveness },
  }]);
}

for (const when of ["as that is made", "before the runtime has handed that over"]) {
  Deno.test({
    name: `a check closes its connection when it is cut ${when}`,
    sanitizeResources: true,
    fn: async () => {
      await using server = new RawServer(() => {});
      const cut = new AbortController();
      const { connect } = Deno;
      Deno.connect = (async ({ signal, ...place }: Deno.ConnectOptions) => {
        const conn = await connect(place);
        cut.abort();
        // The last that Deno's own does; the moment before can't be hit at will.
        if (when !== "as that is made") signal?.throwIfAborted();
        return conn;
      }) as typeof connect;
      try {
        await assertRejects(
          () => requestStatus(`http://127.0.0.1:${server.port}/`, cut.signal),
          DOMException,
        );
      } finally {
        Deno.connect = connect;
      }
    },
  });
}

Deno.test("a probe reaches its target when the environment names proxies", async () => {
  await using folder = new Folder();
  await using proxy = new RawServer((conn) => write(conn, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"));
  const reached = Promise.withResolvers<void>();
  let count = 0;
  await using target = new RawServer(async (conn) => {
    await write(conn, "HTTP/1.1 200 OK\r\n\r\n");
    if (++count === 5) reached.resolve();
  });
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
  const env = Object.fromEntries(names.map((name) => [name, `http://127.0.0.1:${proxy.port}`]));
  const file = probed(folder, { port: target.port });
  const net = `127.0.0.1:${target.port}`;
  assertStringIncludes((await outrider(["permissions", file])).stdout, `--allow-net=${net}`);
  await using up = new Running(["up", file], {
    env: { ...env, DENO_NO_UPDATE_CHECK: "1" },
    flags: ["--allow-run=cat", `--allow-read=${file}`, `--allow-net=${net}`],
  });
  await reached.promise;
  up.signal("SIGTERM");
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  assert(!up.lines.some((line) => line.includes("unhealthy")), up.lines.join("\n"));
  assertEquals(proxy.requests, []);
});

for (const status of [503, 0]) {
  Deno.test(`a probe's user, password and query show nowhere when ${status === 0 ? "its server is silent" : "it fails"}`, async () => {
    await using folder = new Folder();
    await using target = new RawServer((conn) =>
      status === 0 || write(conn, `HTTP/1.1 ${status} No\r\n\r\n`)
    );
    const url = `http://admin-of-it:hunter2@127.0.0.1:${target.port}/health?token=sesame`;
    // What is answered is not to be late, and what is not answered is to be asked before.
    const timeout = status === 0 ? "2s" : "1m";
    const file = probed(folder, { url }, { timeout, failureThreshold: 1 });
    for (const verb of ["check", "permissions"]) {
      const { stdout, stderr } = await outrider([verb, file]);
      for (const secret of ["hunter2", "admin-of-it", "sesame"]) assert(!(stdout + stderr).includes(secret));
    }
    const flags = ["--log-format", "json", "--log-level", "debug"];
    await using up = new Running(["up", file, ...flags]);
    await up.line(/"unhealthy"|sidecar_unhealthy/);
    up.signal("SIGTERM");
    const { stderr } = await up.ended();
    const told = up.lines.join("\n") + stderr;
    assertStringIncludes(told, `http://***@127.0.0.1:${target.port}/health?***`);
    for (const secret of ["hunter2", "admin-of-it", "sesame"]) assert(!told.includes(secret), told);
    assertStringIncludes(target.requests[0]!, "authorization: Basic ");
  });
}

const openssl = await (async () => {
  try {
    return (await new Deno.Command("openssl", { args: ["version"], stdout: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
})();

Deno.test("a probe of https verifies the certificate, without a proxy too", async (test) => {
  await test.step({
    name: openssl ? "with a certificate of its own" : "skipped: needs openssl",
    ignore: !openssl,
    fn: async () => {
      await using folder = new Folder();
      const [cert, key] = [`${folder.path}/cert.pem`, `${folder.path}/key.pem`];
      const made = await new Deno.Command("openssl", {
        args: [
          ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2"],
          ...["-subj", "/CN=outrider", "-addext", "subjectAltName=IP:127.0.0.1"],
          ...["-addext", "basicConstraints=CA:FALSE"],
        ],
        stderr: "null",
      }).output();
      assert(made.success);
      await using proxy = new RawServer((conn) => write(conn, "HTTP/1.1 503 No\r\n\r\n"));
      const reached = Promise.withResolvers<void>();
      const server = Deno.serve({
        hostname: "127.0.0.1",
        port: 0,
        cert: Deno.readTextFileSync(cert),
        key: Deno.readTextFileSync(key),
        onListen: () => {},
      }, () => {
        reached.resolve();
        return new Response("");
      });
      const file = probed(folder, { url: `https://127.0.0.1:${server.addr.port}/` }, { failureThreshold: 1 });
      const flags = [
        ...["--allow-run=cat", `--allow-read=${file}`],
        `--allow-net=127.0.0.1:${server.addr.port}`,
      ];
      const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, DENO_NO_UPDATE_CHECK: "1" };
      {
        await using up = new Running(["up", file, "--log-format", "json"], { flags, env });
        await up.line(/sidecar_unhealthy.*[Cc]ertificate/);
        up.signal("SIGTERM");
        await up.ended();
      }
      {
        await using up = new Running(["up", file], { flags, env: { ...env, DENO_CERT: cert } });
        await reached.promise;
        up.signal("SIGTERM");
        assertEquals((await up.ended()).code, 0);
      }
      await server.shutdown();
      assertEquals(proxy.requests, []);
    },
  });
});
