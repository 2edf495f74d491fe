/**
 * Plays a scenario, and keeps an account of each message: who was written it, and all that became of it.
 *
 * @module
 */
import {
  type ActorRef,
  type Answer,
  type DeliveryOptions,
  jsonrpc,
  NO_BACKOFF,
  sidecar,
  supervisor,
} from "@outrider/outrider";
import { DEFAULT_ATTEMPTS } from "@outrider/outrider/actor";
import { MCP } from "@outrider/outrider/protocol";
import { simulate, type Simulation } from "@outrider/outrider/testing";
import { FRAMES, markOf, marksIn, messageFor, Program } from "./message_program.ts";
import type { Scenario, Step } from "./message_scenario.ts";

/** One message, and all that became of it. */
export interface Message {
  readonly n: number;
  readonly kind: "ask" | "tell";
  /** What happens to it when an incarnation that has it ends, and how many may have it. */
  readonly delivery: { readonly onDeath: string; readonly attempts: number };
  readonly timeout: number;
  /** Which lives were written it, and of those the ones whose pipe took it. */
  readonly lives: number[];
  readonly landed: number[];
  /** `answered`, `error reply`, the code of an error, the reason of a dead letter; one too many is a fault. */
  readonly ends: string[];
}

/** Fails where `times` are the ms that an ask took and had. */
function isTimely(took: number, had: number): boolean {
  return took >= had && took <= had + Math.max(had / 32, 2);
}

/** The reason of who gives up. */
const ENOUGH = new Error("enough");

export class Play {
  readonly messages: Message[] = [];
  /** What must never be. */
  readonly faults: string[] = [];
  readonly program: Program;
  readonly #scenario: Scenario;
  #simulation!: Simulation;
  #ref!: ActorRef<unknown, unknown, unknown>;
  /** The asks that a life was written, and that neither it nor anything else has settled. */
  #unanswered: { readonly n: number; readonly life: number }[] = [];
  readonly #abortable: AbortController[] = [];
  /** Of which lives an end was asked for. */
  readonly #stopped = new Set<number>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.program = new Program(scenario.talk, scenario.lives);
    this.program.onWritten = (n, life) => this.#written(this.messages[n]!, life);
    this.program.onLanded = (n, life) => void this.messages[n]!.landed.push(life);
    this.program.onAnswered = (n, life) => {
      this.#unanswered = this.#unanswered.filter((one) => one.n !== n || one.life !== life);
    };
  }

  /** Plays it from the start to the stop. */
  async run(): Promise<void> {
    const { talk, own, maxInFlight, capacity, bytes, overflow, restart, subscriber } = this.#scenario;
    const spec = sidecar("s", {
      command: "s",
      protocol: talk === "stream" ? "ndjson" : talk === "jsonrpc" ? jsonrpc({ dialect: MCP }) : talk,
      ...talk === "stream" ? { until: (frame) => (frame as { last: boolean }).last ? "last" : "more" } : {},
      ...own,
      maxInFlight,
      mailbox: { capacity, overflow, bytes, sizeOf: (message) => JSON.stringify(message).length },
      restart,
      ready: { stderr: "up" },
      backoff: { ...NO_BACKOFF, initial: 20, max: 20 },
      stop: { drain: 60, stdin: 60, term: 60 },
      spawn: this.program.spawn,
    });
    const root = supervisor("root", [spec], { intensity: { restarts: 1_000, within: 1 } });
    await using simulation = this.#simulation = await simulate(root);
    this.#ref = simulation.ref("s");
    if (subscriber !== "none") {
      const subscription = this.#ref.subscribe({ capacity: 2 });
      if (subscriber === "reads") void Array.fromAsync(subscription);
    }
    for (const step of this.#scenario.steps) await this.#take(step);
    if (this.#scenario.drained) await this.#drain();
    await simulation.advance(0);
    this.#stopped.add(this.program.lives.length);
    await simulation.stop();
    if (this.#ref.queued > 0) this.faults.push(`${this.#ref.queued} are queued for ever`);
    if (this.program.life.isAlive) this.faults.push("a process is left");
    for (const event of simulation.events) {
      if (event.type !== "dead_letter" || event.reason === "unclaimed" || event.reason === "late_reply") {
        continue;
      }
      for (const n of marksIn(JSON.stringify(event.message))) this.messages[n]!.ends.push(event.reason);
    }
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case "ask":
        return this.#ask(step);
      case "tell":
        return this.#tell(step);
      case "wait":
        return await this.#simulation.advance(step.ms);
      case "abort":
        return this.#abortable.shift()?.abort(ENOUGH);
      case "end":
        return this.program.life.die(step.with);
      case "terminate":
        await this.#simulation.settled(this.#terminate());
        return;
      case "restart":
        await this.#simulation.settled(this.#restart());
    }
  }

  async #terminate(): Promise<void> {
    this.#stopped.add(this.program.lives.length);
    await this.#simulation.system.terminateChild("s");
  }

  /** It may run, or fail to get ready. */
  async #restart(): Promise<void> {
    await Promise.allSettled([this.#simulation.system.restartChild("s")]);
  }

  /** Kills until a life comes that works; then everything that is queued is dealt with. */
  async #drain(): Promise<void> {
    await this.#simulation.advance(2_000);
    if (this.#isMute()) {
      for (const { n } of this.#open(this.program.lives.length)) {
        this.faults.push(`${n} waits for a closed stdout`);
      }
    }
    await this.#simulation.settled(this.#restart());
    for (const life of this.#scenario.lives) {
      if (this.program.sound) break;
      this.program.life.die("SIGKILL");
      await this.#simulation.advance(100);
      void life;
    }
    // Of its own accord, and for good.
    if (!this.#ref.isAlive) return;
    await this.#simulation.advance(5_000);
    if (!this.program.sound) this.faults.push("it did not come back");
    if (this.#ref.queued > 0) this.faults.push(`${this.#ref.queued} wait for a program that works`);
    for (const { n } of this.#open()) this.faults.push(`${n} is not settled by a program that works`);
    this.#ask({ do: "ask", timeout: 640, abortable: false, filler: 0, options: { onDeath: "fail" } });
    await this.#simulation.advance(700);
    if (!/answered|error reply/.test(String(this.messages.at(-1)!.ends))) {
      this.faults.push(`a program that works gave ${this.messages.at(-1)!.ends}`);
    }
  }

  /** Asks that nothing has settled, of those that life was written or of all. */
  #open(life?: number): Message[] {
    return this.messages.filter(({ kind, ends, lives }) =>
      kind === "ask" && ends.length === 0 && (life === undefined || lives.includes(life))
    );
  }

  /** Whether it has closed its stdout, and lives on. */
  #isMute(): boolean {
    const { life, lives } = this.program;
    const fate = this.#scenario.lives[lives.length - 1]?.fate;
    return life.isAlive && fate?.kind === "closes stdout" && life.received.length >= fate.at;
  }

  // --- Messages -------------------------------------------------------------

  #made(kind: Message["kind"], options: DeliveryOptions = {}, timeout = Infinity): Message {
    const { onDeath = "fail", attempts = DEFAULT_ATTEMPTS } = { ...this.#scenario.own, ...options };
    const n = this.messages.length;
    const message = { n, kind, delivery: { onDeath, attempts }, timeout, lives: [], landed: [], ends: [] };
    this.messages.push(message);
    return message;
  }

  #tell({ filler, options }: Step & { do: "tell" }): void {
    const { n, kind } = this.#made("tell", options);
    // Refused, a message is a dead letter as well, which is what counts.
    void this.#ref.tell(messageFor(this.#scenario.talk, n, { kind, filler }), options);
  }

  #ask({ timeout, abortable, filler, options }: Step & { do: "ask" }): void {
    const message = this.#made("ask", options, timeout);
    const { n, kind } = message;
    const controller = new AbortController();
    if (abortable) this.#abortable.push(controller);
    const asked = this.#simulation.clock.now();
    const settled = (end: string, fault: string | false | undefined) => {
      message.ends.push(end);
      this.#unanswered = this.#unanswered.filter((one) => one.n !== n);
      if (fault) this.faults.push(`${n}: ${fault}`);
    };
    this.#ref.ask(messageFor(this.#scenario.talk, n, { kind, filler }), {
      ...options,
      timeout,
      detailed: true,
      ...abortable ? { signal: controller.signal } : {},
    }).then(
      (answer) => settled("answered", this.#wrongAnswer(message, answer)),
      (error) => {
        const took = this.#simulation.clock.now() - asked;
        const end = error === ENOUGH ? "aborted" : error.code === 1 ? "error reply" : error.code;
        settled(end, this.#wrongError(message, error, took));
      },
    );
  }

  #written(message: Message, life: number): void {
    message.lives.push(life);
    if (message.kind === "tell") return;
    if (message.ends.length === 0) this.#unanswered.push({ n: message.n, life });
    const inFlight = this.#unanswered.filter((one) => one.life === life);
    const { maxInFlight = Infinity } = this.#scenario;
    if (inFlight.length > maxInFlight) {
      this.faults.push(`${inFlight.map(({ n }) => n)} are in flight, of ${maxInFlight}`);
    }
  }

  // --- Answers --------------------------------------------------------------

  #wrongAnswer(message: Message, { value, generation }: Answer<unknown>): string | false {
    if (this.#scenario.talk === "stream") {
      void this.#read(message, value as AsyncIterable<{ said: string; at: number }>, generation);
      return false;
    }
    const said = typeof value === "object" ? (value as { said: string }).said : value;
    return said !== `${markOf(message.n)} @${generation}` && `got ${said} of ${generation}`;
  }

  /** A reply of many frames: all of them, or some and an error. */
  async #read(
    { n }: Message,
    frames: AsyncIterable<{ said: string; at: number }>,
    life: number,
  ): Promise<void> {
    let next = 0;
    this.#streaming.add(n);
    try {
      for await (const { said, at } of frames) {
        if (said !== `${markOf(n)} @${life}` || at !== next++) {
          this.faults.push(`${n}: frame ${at} is ${said}`);
        }
      }
      if (next !== FRAMES) this.faults.push(`${n}: the stream ended after ${next} frames`);
    } catch (error) {
      const { code, generation } = error as { code: string; generation: number };
      const isMute = code === "sidecar_mute";
      if (!isMute && (code !== "incarnation_ended" || generation !== life)) {
        this.faults.push(`${n}: the stream of ${life} ended with ${code} of ${generation}`);
      }
    }
    this.#streaming.delete(n);
  }

  // deno-lint-ignore no-explicit-any -- each error has fields of its own
  #wrongError({ lives, timeout, n }: Message, error: any, took: number): string | false {
    switch (error.code) {
      case 1:
        return marksIn(error.message)[0] !== n && `got the error ${error.message}`;
      case "ask_timeout":
        return !isTimely(took, timeout) && `timed out after ${took} ms`;
      case "incarnation_ended": {
        const { generation, attempts, exit } = error;
        if (!lives.includes(generation)) return `failed with ${generation}, which never had it`;
        if (attempts !== lives.length) return `failed after ${attempts} attempts of ${lives}`;
        const { ending } = this.program.lives[generation - 1]!;
        if (exit.reason === "normal") return ending !== 0 && `failed with a good end, which was ${ending}`;
        if (exit.reason !== "crash") {
          return !this.#stopped.has(generation) && `failed with ${exit.reason}, which nobody asked for`;
        }
        const { exitCode, signal } = exit.cause;
        return ending !== (signal ?? exitCode) && `failed with ${signal ?? exitCode}, which was ${ending}`;
      }
    }
    return false;
  }

  readonly #streaming = new Set<number>();
}
