/**
 * A connection to a host and a port, and nothing in between: `fetch` would take the way of HTTP_PROXY, to a host that
 * nothing was granted for, and a proxy's failure would end a healthy sidecar.
 */

/** The part of a connection that a check uses. */
export type ProbeConnection = Pick<Deno.Conn, "read" | "write" | "close">;

/** Deno before 2.9 tries the first address of a name alone. */
const TRIES_ALL_ADDRESSES = (([major = 0, minor = 0]) => major > 2 || minor >= 9)(
  Deno.version.deno.split(".").map(Number),
);

/** Connects by TCP, and by TLS if `tls`. @throws Deno's error, and the reason of `cut` */
export async function connectTo(
  hostname: string,
  port: number,
  { cut, tls = false }: { readonly cut: AbortSignal; readonly tls?: boolean },
): Promise<ProbeConnection> {
  cut.throwIfAborted();
  try {
    const conn = await Deno.connect({ hostname, port, signal: handingOver(cut) });
    if (cut.aborted) conn.close();
    cut.throwIfAborted();
    if (!tls) return conn;
    return await Deno.startTls(conn, { hostname, alpnProtocols: ["http/1.1"] });
  } catch (error) {
    cut.throwIfAborted();
    const isAddress = hostname.includes(":") || /^[\d.]+$/.test(hostname);
    const isRefused = error instanceof Deno.errors.ConnectionRefused;
    if (TRIES_ALL_ADDRESSES || tls || isAddress || !isRefused) throw error;
    try {
      return await connectToAny(hostname, port, cut);
    } catch {
      throw error; // of many refusals, the first says enough
    }
  }
}

/**
 * `cut` for `Deno.connect`, which asks its signal at the end whether to throw: a connection that was made just before
 * the abort would be lost then, still open. It is never told to, and hands that connection over.
 */
function handingOver(cut: AbortSignal): AbortSignal {
  return Object.assign(AbortSignal.any([cut]), { throwIfAborted: () => {} });
}

/** `localhost` is often ::1 first, and its server on 127.0.0.1. */
async function connectToAny(hostname: string, port: number, cut: AbortSignal): Promise<ProbeConnection> {
  const { connect } = await import("node:net");
  const { Duplex } = await import("node:stream");
  const connected = Promise.withResolvers<void>();
  const socket = connect({ host: hostname, port, autoSelectFamily: true }, connected.resolve);
  const close = () => void socket.destroy();
  socket.on("error", connected.reject);
  cut.addEventListener("abort", close, { once: true });
  socket.on("close", () => {
    cut.removeEventListener("abort", close);
    connected.reject(cut.reason);
  });
  if (cut.aborted) close();
  await connected.promise;
  const { readable, writable } = Duplex.toWeb(socket) as {
    readable: ReadableStream<Uint8Array>;
    writable: WritableStream<Uint8Array>;
  };
  return byStreams(readable, writable, close);
}

function byStreams(
  readable: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  close: () => void,
): ProbeConnection {
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  let rest = new Uint8Array();
  return {
    async read(into) {
      if (rest.length === 0) {
        const { value, done } = await reader.read();
        if (done) return null;
        rest = new Uint8Array(value);
      }
      const size = Math.min(into.length, rest.length);
      into.set(rest.subarray(0, size));
      rest = rest.subarray(size);
      return size;
    },
    async write(bytes) {
      await writer.write(bytes);
      return bytes.length;
    },
    close() {
      // Pending reads and writes of the socket fail with it.
      reader.closed.catch(() => {});
      writer.closed.catch(() => {});
      close();
    },
  };
}
