/**
 * The process table as a witness: everything that a test's sidecars start carries the test's own mark in its
 * environment, and whatever is left of it when the test is over is ended.
 *
 * @module
 */
import { delay } from "@std/async";
import { type ProcessRow, processTable } from "../../src/process/ps.ts";
import { runs } from "../cli/outrider.ts";

/** For one test. */
export class Witness implements AsyncDisposable {
  readonly #mark = `WITNESS=${crypto.randomUUID()}`;

  /** A sidecar that runs a fixture, and what it starts, under the mark. */
  sidecar(id: string, fixture: string, more: Record<string, unknown> = {}): Record<string, unknown> {
    const [name, value] = this.#mark.split("=");
    return {
      ...runs(id, fixture),
      env: { [name!]: value },
      ready: { stdout: "^[0-9]+$" },
      stop: { term: "300ms" },
      ...more,
    };
  }

  /** Those with the mark that run now. */
  async alive(): Promise<ProcessRow[]> {
    const table = await processTable({ environment: true });
    return table!.filter(({ environment, zombie }) => !zombie && environment?.includes(this.#mark));
  }

  /** Milliseconds until none runs any more; after `ms` those that still do, as text, to fail with. */
  async gone(ms: number): Promise<number | string> {
    const began = performance.now();
    for (;;) {
      const left = await this.alive();
      if (left.length === 0) return performance.now() - began;
      if (performance.now() - began > ms) {
        return left.map(({ pid, command }) => `${pid} ${command}`).join("\n");
      }
      await delay(50);
    }
  }

  /** Ends what a failed test left. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of await this.alive()) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
}
