/**
 * One incarnation of a language server, from its answer to `initialize` on: what it can do, which settings it has, and
 * what is watched for it. Used by `lsp`.
 */

import type { JsonValue } from "@outrider/outrider";
import type { JsonRpcPeer } from "@outrider/outrider/protocol";
import { FileWatcher } from "./file_watcher.ts";
import { LspMethodError, type LspRegistration, missingCapability, register, unregister } from "./methods.ts";
import { configurationOf, expandSettings, type LspSettings, merged, neededSettings } from "./settings.ts";
import type { LspWorkspaceFolder } from "./workspace.ts";

/** What a server is made of. */
export interface LanguageServerOptions {
  /** Its answer to `initialize`. */
  readonly answer: JsonValue;
  /** Its capabilities, which are in that. */
  readonly capabilities: Readonly<Record<string, JsonValue>>;
  /** What the client declared. */
  readonly client: Readonly<Record<string, unknown>>;
  /** The folders of the workspace. */
  readonly folders: readonly LspWorkspaceFolder[] | null;
  /** Returns its settings as they are now, but for those that it can't do without. */
  readonly settings: () => LspSettings;
}

/** See the module. */
export class LanguageServer {
  readonly #options: LanguageServerOptions;
  readonly #watcher: FileWatcher;
  #registrations: readonly LspRegistration[] = [];

  constructor(peer: JsonRpcPeer, options: LanguageServerOptions) {
    this.#options = options;
    this.#watcher = new FileWatcher(peer, options.folders);
  }

  /** Its answer to `initialize`. */
  get answer(): JsonValue {
    return this.#options.answer;
  }

  /** All of its settings, as they are now. */
  get settings(): LspSettings {
    const { capabilities, folders, settings } = this.#options;
    return merged(neededSettings(capabilities, folders), expandSettings(settings()));
  }

  /** Answers the items of a `workspace/configuration`. */
  configuration(items: readonly JsonValue[]): readonly unknown[] {
    const { settings } = this;
    return items.map((item) => configurationOf(settings, item));
  }

  /** Returns why a request of this method is not sent. */
  refusal(method: string): Error | undefined {
    const { capabilities, client } = this.#options;
    const missing = missingCapability(method, { capabilities, client, registrations: this.#registrations });
    return missing === undefined ? undefined : new LspMethodError(method, missing);
  }

  /** Takes account of a request for registrations, or for their end. */
  registered(method: string, params: JsonValue | undefined): void {
    const change = method === "client/registerCapability" ? register : unregister;
    this.#registrations = change(this.#registrations, params);
    this.#watcher.follow(this.#registrations);
  }
}
