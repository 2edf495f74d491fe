/**
 * One real server under Outrider, through the public API alone: started, called, killed, called again, stopped.
 *
 * @module
 */
import {
  type ActorRef,
  type App,
  launch,
  NO_BACKOFF,
  type SidecarOptions,
  supervisor,
} from "@outrider/outrider";
import { lsp } from "@outrider/outrider/actors/lsp";
import { mcp } from "@outrider/outrider/actors/mcp";
import { type ExitStatus, spawn } from "@outrider/outrider/process";
import type { JsonRpcCall, JsonRpcNotification } from "@outrider/outrider/protocol";
import type { TrialServer } from "./server.ts";

/** Milliseconds that a call may take: a server that has just started reads its project first. */
const CALL_MS = 30_000;
/** What is killed on purpose is restarted as often as that takes. */
const PLENTY = { restarts: 1_000_000, within: 1_000 };

/** How a server is run. */
export interface TrialOptions {
  /** The workspace, an empty folder. */
  readonly folder: string;
  /** The program, and what it needs besides the server's own options. */
  readonly program: Pick<SidecarOptions, "command" | "args" | "inheritEnv" | "stop">;
}

/** What came of a server, as the table has it. */
export interface TrialRow {
  readonly name: string;
  readonly kind: "lsp" | "mcp";
  /** The package's, else what it says in its handshake. */
  readonly version: string;
  /** Milliseconds from the launch to the end of the handshake. */
  readonly startedMs: number;
  /** The method that was called, and of an MCP tool the name. */
  readonly call: string;
  /** What came. */
  readonly answer: string;
  /** Whether the next incarnation gave the same answer, without anything being done for it. */
  readonly isAnsweredAgain: boolean;
  /** How it stopped. */
  readonly stop: string;
}

// deno-lint-ignore no-explicit-any -- a result is of its method's type
type ServerRef = ActorRef<JsonRpcCall | readonly JsonRpcCall[], any, JsonRpcNotification>;

/** A server that runs. */
export class Trial implements AsyncDisposable {
  readonly server: TrialServer;
  readonly app: App;
  readonly ref: ServerRef;
  /** Milliseconds from the launch to the end of the handshake. */
  readonly startedMs: number;
  readonly #at: { readonly folder: string; readonly uri: string };
  readonly #state: TrialState;
  #following: Promise<void> | undefined;

  private constructor(
    server: TrialServer,
    app: App,
    ref: ServerRef,
    { startedMs, at, state }: {
      readonly startedMs: number;
      readonly at: { readonly folder: string; readonly uri: string };
      readonly state: TrialState;
    },
  ) {
    this.server = server;
    this.app = app;
    this.ref = ref;
    this.startedMs = startedMs;
    this.#at = at;
    this.#state = state;
  }

  /** Launches it in its workspace, and opens its document. */
  static async start(server: TrialServer, { folder, program }: TrialOptions): Promise<Trial> {
    const { document, files = {} } = server;
    const all = { ...files, ...(document && { [document.file]: document.text }) };
    for (const [name, text] of Object.entries(all)) await Deno.writeTextFile(`${folder}/${name}`, text);
    const at = { folder, uri: `file://${folder}${document === undefined ? "" : `/${document.file}`}` };
    const state = new TrialState();
    const common = {
      cwd: folder,
      ...program,
      ...server.options?.(folder),
      backoff: NO_BACKOFF,
      spawn: state.spawn,
    };
    const spec = server.kind === "mcp"
      ? mcp(server.name, common)
      : lsp(server.name, { rootUri: `file://${folder}`, ...common });
    const before = performance.now();
    const app = await launch(supervisor("trial", [spec], { intensity: PLENTY }), { warn: () => {} });
    const startedMs = performance.now() - before;
    const ref: ServerRef = app.ref(spec);
    const trial = new Trial(server, app, ref, { startedMs, at, state });
    trial.#following = trial.#follow();
    // Now that there is a subscriber for its diagnostics.
    if (document !== undefined) {
      const { languageId, text } = document;
      const params = { textDocument: { uri: at.uri, languageId, version: 1, text } };
      await ref.tell({ method: "textDocument/didOpen", params });
    }
    return trial;
  }

  /** The program's version as it says it itself. */
  async version(): Promise<string | undefined> {
    const { serverInfo } = await this.ref.ask({ method: "initialize" });
    return serverInfo?.version;
  }

  /** Makes the typical call, of a server that has read its document; again, if it dies meanwhile. */
  async call(): Promise<{ readonly answer: string; readonly generation: number }> {
    if (this.server.document?.diagnostic !== undefined) await this.#diagnosed();
    const { value, generation } = await this.ref.ask(this.request, {
      timeout: CALL_MS,
      onDeath: "replay",
      detailed: true,
    });
    return { answer: this.server.shown(value), generation };
  }

  /** The typical call. */
  get request(): JsonRpcCall {
    return this.server.call(this.#at);
  }

  /** Ends its process with SIGKILL; whether there is one. */
  kill(): boolean {
    const { pid } = this.app.status()[0] ?? {};
    if (pid === undefined) return false;
    try {
      Deno.kill(pid, "SIGKILL");
    } catch (error) {
      // It is dead already, and its end is about to be known.
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
    this.#state.diagnosed = Promise.withResolvers();
    return true;
  }

  /** Stops it; how that went, in words. */
  async stop(): Promise<string> {
    await this.app.stop();
    await this.#following;
    return stopInWords(this.#state.steps, await this.#state.status, this.#state.hasLeft);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Fulfilled once this incarnation has pushed the diagnostics that are expected. */
  async #diagnosed(): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new Error(`Cannot go on with ${this.server.name}: its diagnostics do not come`));
    }, CALL_MS);
    try {
      await Promise.race([this.#state.diagnosed.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #follow(): Promise<void> {
    await Promise.all([this.#followEvents(), this.#followDiagnostics()]);
  }

  async #followEvents(): Promise<void> {
    const state = this.#state;
    for await (const event of this.app.events()) {
      if (event.type === "stop_step") state.steps.push(event.step);
      if (event.type === "leftovers_killed") state.hasLeft = state.steps.length > 0;
    }
  }

  async #followDiagnostics(): Promise<void> {
    const expected = this.server.document?.diagnostic;
    for await (const { method, params } of this.ref.subscribe()) {
      if (method !== "textDocument/publishDiagnostics" || expected === undefined) continue;
      const { diagnostics } = params as unknown as Diagnostics;
      const isExpected = expected === "" || diagnostics.some(({ message }) => message.includes(expected));
      if (isExpected) this.#state.diagnosed.resolve();
    }
  }
}

interface Diagnostics {
  readonly diagnostics: readonly { readonly message: string }[];
}

/** What is known of the processes so far. */
class TrialState {
  /** Of the present incarnation. */
  diagnosed = Promise.withResolvers<void>();
  /** The steps of the stop so far. */
  readonly steps: string[] = [];
  /** The stop has ended processes that outlived the server. */
  hasLeft = false;
  /** How the latest process ends. */
  status: Promise<ExitStatus> | undefined;

  readonly spawn: typeof spawn = (command, options) => {
    const child = spawn(command, options);
    this.status = child.exited;
    return child;
  };
}

/** Starts a server, calls it, kills it, calls it again, stops it. */
export async function tryServer(server: TrialServer, options: TrialOptions): Promise<TrialRow> {
  await using trial = await Trial.start(server, options);
  const { name, kind, packages } = server;
  const { method, params } = trial.request;
  const version = packages[0]?.split("@").at(-1) ?? await trial.version() ?? "unknown";
  const first = await trial.call();
  trial.kill();
  const second = await trial.call();
  const stop = await trial.stop();
  return {
    name,
    kind,
    version,
    startedMs: trial.startedMs,
    call: kind === "mcp" ? (params as { readonly name: string }).name : method,
    answer: first.answer,
    isAnsweredAgain: second.answer === first.answer && second.generation > first.generation,
    stop,
  };
}

const STEPS: Readonly<Record<string, string>> = {
  goodbye: "`shutdown`, `exit`",
  close_stdin: "stdin closed",
};

/** How a stop went: its last step, and the end of the process. */
export function stopInWords(
  steps: readonly string[],
  status: ExitStatus | undefined,
  hasLeft: boolean,
): string {
  const last = steps.at(-1) ?? "none";
  const end = status === undefined ? "never ran" : status.signal ?? `code ${status.code}`;
  return `${STEPS[last] ?? last}: ${end}${hasLeft ? ", its children killed" : ""}`;
}
