/**
 * A web server on loopback that answers probes as a test tells it to.
 *
 * @module
 */

/** Stops with `await using`. */
export class ProbeServer implements AsyncDisposable {
  /** The status for each path, such as `/live`; 200 where none is set, and no answer where it is 0. */
  readonly answers: Map<string, number> = new Map();
  /** The paths that were asked for, in order. */
  readonly asked: string[] = [];
  readonly #held: PromiseWithResolvers<Response>[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    this.asked.push(pathname);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    const status = this.answers.get(pathname) ?? 200;
    if (status !== 0) return new Response("", { status });
    const held = Promise.withResolvers<Response>();
    this.#held.push(held);
    return held.promise;
  });

  get port(): number {
    return this.#server.addr.port;
  }

  /** The handler that asks for `path`. */
  http(path: string): { http: { port: number; path: string } } {
    return { http: { port: this.port, path } };
  }

  count(path: string): number {
    return this.asked.filter((asked) => asked === path).length;
  }

  /** Fulfilled when `path` was asked for `count` times in all. */
  async until(path: string, count: number): Promise<void> {
    while (this.count(path) < count) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Answers all requests that got no answer. */
  release(status: number): void {
    for (const { resolve } of this.#held.splice(0)) resolve(new Response("", { status }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release(500);
    await this.#server.shutdown();
  }
}
