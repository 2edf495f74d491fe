/**
 * A tree from its root: its one start, the supervisors in it by their paths, and its one end. Used by `System`, which shows
 * it to programs.
 *
 * Invariant: `ended` settles once, when nothing of the tree runs any more.
 */

import type { Exit } from "../../actor/exit.ts";
import { ActorSystem, type ActorSystemOptions } from "../../actor/system.ts";
import type { SystemEvent } from "../../events.ts";
import { Child, type ChildNotice } from "../child.ts";
import { splitPath } from "../child_path.ts";
import { type ChildSpec, specsBelow } from "../child_spec.ts";
import { linksOf } from "../links.ts";
import { ChildHistory } from "../observed/history.ts";
import type { BareChildStatus, ChildStatus, TreePhase } from "../status.ts";
import { type Stopping, stoppingOfSpec } from "../stop_time.ts";
import { StartCancelledError, StartError, SupervisionError, whyTreeEnded } from "../supervision_errors.ts";
import { type Supervisor, supervisorIn } from "../supervisor.ts";

/** The actors of one tree, and how far it is. */
export class RunningTree {
  readonly #ended = Promise.withResolvers<Exit>();
  readonly ended: Promise<Exit> = this.#ended.promise;
  readonly actors: ActorSystem;
  readonly #root: Child;
  readonly #history = new ChildHistory();
  readonly #started = Promise.withResolvers<void>();
  #starting: Promise<void> | undefined;
  #ending: Promise<Exit> | undefined;
  #isOver = false;

  /** Registers `spec`; nothing runs before {@linkcode RunningTree.start}. */
  constructor(spec: ChildSpec, options?: ActorSystemOptions) {
    this.actors = new ActorSystem({
      ...options,
      record: {
        wants: (type) => this.#history.wants(type),
        see: (event) => this.#record(event as SystemEvent),
      },
    });
    this.#root = new Child(spec, "/", {
      system: this.actors,
      onReport: (report) => this.#onReport(report),
    });
    const placed = [...specsBelow(spec)];
    for (const [path, child] of placed) {
      this.actors.address(path, child.mailbox);
      this.actors.register(child, path);
    }
    this.expect(placed);
  }

  /** @throws {SupervisionError} `unknown_dependency`: one of them starts after a child that the tree does not have */
  expect(placed: Iterable<readonly [path: string, spec: ChildSpec]>): void {
    const links = linksOf(this.actors);
    for (const [path, spec] of placed) {
      links.expect(splitPath(path).parent, spec, (other) => this.actors.has(other));
    }
  }

  /** Starts everything, once. @throws {StartError} */
  start(): Promise<void> {
    if (this.#ending !== undefined && this.#starting === undefined) {
      return Promise.reject(new StartCancelledError("/"));
    }
    if (this.#starting !== undefined && (this.#ending !== undefined || this.#isOver)) {
      const why = "Cannot go on: a tree that has ended, or is to, does not start again; make a new System";
      return Promise.reject(new StartError("/", new SupervisionError("no_supervisor", why)));
    }
    if (this.#starting === undefined) {
      this.#starting = this.#started.promise;
      this.#root.start();
    }
    return this.#starting;
  }

  #onReport(report: ChildNotice): void {
    if (report.of === "whole") return;
    if (report.of !== "start") return this.#over(report.exit);
    if (report.outcome !== "failed") return this.#started.resolve();
    const { cause } = report;
    // One that failed before it was told to stop has failed.
    const isCut = this.#ending !== undefined && cause instanceof StartCancelledError;
    this.#over(isCut ? { reason: "shutdown" } : { reason: "crash", cause });
    this.#started.reject(cause);
  }

  #record(event: SystemEvent): void {
    try {
      this.#history.see(event);
    } catch {
      // An actor may emit anything. The other events are still recorded.
    }
  }

  // --- How it stands ----------------------------------------------------------------

  get phase(): TreePhase {
    if (this.#ending !== undefined || this.#isOver) return "stopping";
    return this.#root.state === "running" ? "running" : "starting";
  }

  /** Whether its children are being stopped: it was told to stop, gave up, or is rolled back. */
  get isEnding(): boolean {
    return this.#ending !== undefined || (this.#top?.isEnding ?? this.#isOver);
  }

  /** Whether anything runs, or will by itself. */
  get active(): boolean {
    if (this.#isOver || this.#root.state === "starting") return !this.#isOver;
    return this.#top?.active ?? this.#root.state !== "idle";
  }

  /** What is to stop in it, as it stands. */
  stops(): Stopping {
    return stoppingOfSpec(this.#root.spec, this.#top?.stops());
  }

  status(): readonly ChildStatus[] {
    return this.withHistory(this.#top?.status() ?? []);
  }

  /** `children` with what their events have told. */
  withHistory(children: readonly BareChildStatus[]): readonly ChildStatus[] {
    return this.#history.complete(children);
  }

  // --- Its supervisors --------------------------------------------------------------

  get #top(): Supervisor | undefined {
    return supervisorIn(this.#root.incarnation);
  }

  /** The supervisor that runs at `path`. @throws {SupervisionError} `no_supervisor` */
  supervisorAt(path: string): Supervisor {
    let at = this.#top;
    if (path !== "/") { for (const id of path.split("/")) at = at?.supervisorAt(id); }
    if (at !== undefined) return at;
    const why = path === this.#root.spec.id
      ? `it is the root, whose path is "/"`
      : "no supervisor runs there";
    throw new SupervisionError("no_supervisor", `Cannot reach '${path}': ${why}`);
  }

  /** The supervisor of the child at `path`, and its id there. @throws {SupervisionError} `no_supervisor` */
  parentOf(path: string): { readonly supervisor: Supervisor; readonly id: string } {
    const { parent, id } = splitPath(path);
    return { supervisor: this.supervisorAt(parent), id };
  }

  // --- Its end ----------------------------------------------------------------------

  /** Stops everything; `reason` is that of its event `stopping`. */
  stop(reason?: string): Promise<Exit> {
    if (this.#ending !== undefined) return this.#ending;
    this.#ending = this.ended;
    if (this.#root.state === "starting") {
      this.#root.emit({ type: "stopping", ...reason !== undefined && { reason } });
      this.#root.cutShort();
    } else if (this.#root.state === "running") this.#root.stop(reason);
    else this.#over({ reason: "shutdown" });
    return this.ended;
  }

  /** Ends everything by force, at once. */
  kill(): void {
    this.#root.kill();
  }

  #over(exit: Exit): void {
    this.#isOver = true;
    this.actors.dissolveAddresses("/", whyTreeEnded(exit));
    this.actors.close();
    this.#ended.resolve(exit);
  }
}
