/**
 * The lists of all servers as one, and whose a name or a URI in it is.
 *
 * The invariant: what a list shows leads back to the server that it is of.
 */

import type { Backend, NamedItem } from "../backend.ts";
import { type ListItem, type ListKind, LISTS } from "./catalog.ts";
import type { GatewayOptions } from "../gateway_options.ts";
import type { LocalTools } from "../local_tools.ts";
import { CODES, errorBodyOf, type MessageParams, RequestFailure } from "../messages.ts";
import { SEPARATOR } from "./names.ts";
import type { OwnedResource } from "./resource_listeners.ts";
import { MOST_TEMPLATES, templateMatches } from "./uri_template.ts";
import { unusedPatterns } from "./unused_patterns.ts";

/** The most items of a page. */
export const PAGE_SIZE = 1_000;

/** A tool or prompt by its server and the name that is its own there. */
export interface ToolRoute {
  readonly backend: Backend;
  readonly name: string;
}

/** What begins the URI of a resource whose own is shown of another server already; its server's name follows. */
const SCHEME = "outrider://";

interface Owned {
  readonly backend: Backend;
  readonly item: ListItem;
}

/** The lists. */
export class MergedLists {
  readonly #backends: readonly Backend[];
  readonly #byPrefix: ReadonlyMap<string, Backend>;
  readonly #isBare: boolean;
  readonly #localTools: LocalTools | undefined;
  readonly #warn: (message: string) => void;
  /** Until it is known which of them fit no tool. */
  #patterns: Pick<GatewayOptions, "allow" | "deny"> | undefined;
  /** As merged, until something changes. */
  readonly #merged = new Map<ListKind, Promise<readonly Owned[]>>();

  constructor(
    backends: readonly Backend[],
    { isBare, allow, deny, localTools, warn }: Pick<GatewayOptions, "allow" | "deny"> & {
      readonly isBare: boolean;
      readonly localTools: LocalTools | undefined;
      readonly warn: (message: string) => void;
    },
  ) {
    this.#backends = backends;
    this.#byPrefix = new Map(backends.map((backend) => [backend.prefix, backend]));
    this.#isBare = isBare;
    this.#localTools = localTools;
    this.#warn = warn;
    this.#patterns = { allow, deny };
  }

  /** What is merged from now on is new. */
  forget(): void {
    this.#merged.clear();
  }

  /** A page of a list, as its result. @throws {RequestFailure} a cursor that no page has given */
  async page(kind: ListKind, cursor: unknown): Promise<MessageParams> {
    const isFirst = cursor === undefined || cursor === null;
    const at = isFirst ? 0 : Number(cursor);
    if (!isFirst && (cursor !== String(at) || !(at > 0) || at % PAGE_SIZE !== 0)) {
      throw new RequestFailure(
        CODES.INVALID_PARAMS,
        "Invalid params: this cursor is of no page of this list",
      );
    }
    const own = kind === "tools" ? this.#localTools?.items ?? [] : [];
    const items = [...own, ...(await this.#merge(kind)).map(({ item }) => item)];
    const next = at + PAGE_SIZE;
    return {
      [LISTS[kind].field]: items.slice(at, next),
      ...next < items.length && { nextCursor: String(next) },
    };
  }

  /** Whose a tool or prompt is; where that needs a list, later. @throws {RequestFailure} nobody's, or it may not be called */
  route(kind: "tools" | "prompts", shown: string): ToolRoute | Promise<ToolRoute> {
    if (this.#isBare) return this.#bareRoute(kind, shown);
    const backend = this.#prefixed(shown);
    if (backend === undefined) throw unknown(kind, shown);
    if (!backend.isOpen) throw RequestFailure.of(backend.absentError);
    const named = backend.named(kind, shown);
    return named instanceof Promise
      ? named.then((named) => routeTo(kind, shown, { backend, named }))
      : routeTo(kind, shown, { backend, named });
  }

  /**
   * Whose a resource or template is: that of the server that lists it, or whose template fits; else of the first server
   * that can read it.
   *
   * @throws {RequestFailure} nobody's
   */
  async ownerOf(shown: string): Promise<OwnedResource> {
    const [, name, own] = /^outrider:\/\/([^/]+)\/(.+)$/s.exec(shown) ?? [];
    const named = this.#backends.find((backend) => backend.name === name);
    if (named !== undefined) return { backend: named, uri: own! };
    // Of the gateway's own scheme, for no server to claim.
    if (shown.startsWith(SCHEME)) throw notFound(shown);
    const resources = await this.#merge("resources");
    const listed = resources.find(({ item }) => item.uri === shown);
    if (listed !== undefined) return { backend: listed.backend, uri: shown };
    const templates = await this.#merge("templates");
    const fitting = templates.find(({ item }) => item.uriTemplate === shown) ??
      comparable(templates).find(({ item }) => templateMatches(String(item.uriTemplate), shown));
    if (fitting !== undefined) return { backend: fitting.backend, uri: shown };
    const able = this.#backends.filter((backend) => backend.isOpen && backend.has("resources"));
    const backend = able.length === 1 ? able[0] : await firstThatReads(able, shown);
    if (backend !== undefined) return { backend, uri: shown };
    throw notFound(shown);
  }

  #prefixed(shown: string): Backend | undefined {
    for (let at = shown.indexOf(SEPARATOR); at > 0; at = shown.indexOf(SEPARATOR, at + 1)) {
      const backend = this.#byPrefix.get(shown.slice(0, at + SEPARATOR.length));
      if (backend !== undefined) return backend;
    }
    return undefined;
  }

  async #bareRoute(kind: "tools" | "prompts", shown: string): Promise<ToolRoute> {
    const found = (await this.#merge(kind)).find(({ item }) => item.name === shown);
    if (found === undefined) throw unknown(kind, shown);
    const { backend } = found;
    if (!backend.isOpen) throw RequestFailure.of(backend.absentError);
    return routeTo(kind, shown, { backend, named: await backend.named(kind, shown) });
  }

  #merge(kind: ListKind): Promise<readonly Owned[]> {
    const known = this.#merged.get(kind);
    if (known !== undefined) return known;
    let isWhole = true;
    const read = async (backend: Backend): Promise<readonly Owned[]> => {
      try {
        return (await backend.shown(kind)).map((item) => ({ backend, item }));
      } catch (error) {
        isWhole = false;
        this.#warn(`The ${kind} of '${backend.name}' are left out: ${errorBodyOf(error).message}`);
        return [];
      }
    };
    const merged = Promise.all(this.#backends.map(read)).then((lists) => this.#unique(kind, lists.flat()));
    this.#merged.set(kind, merged);
    void merged.then(() => !isWhole && this.#merged.get(kind) === merged && this.#merged.delete(kind));
    if (kind === "tools") void merged.then(() => this.#tellUnused());
    return merged;
  }

  /** Tells once which patterns fit no tool, when the tools of all servers are known. */
  #tellUnused(): void {
    if (this.#patterns === undefined) return;
    const servers = this.#backends.flatMap(({ tools }) => tools ?? []);
    if (servers.length < this.#backends.length) return;
    for (const message of unusedPatterns(this.#patterns, servers)) this.#warn(message);
    this.#patterns = undefined;
  }

  /** Without two of one name: the first in the order of the servers keeps it. No URI is shown as one of the gateway's. */
  #unique(kind: ListKind, all: readonly Owned[]): readonly Owned[] {
    const key = kind === "resources" ? "uri" : kind === "templates" ? "uriTemplate" : "name";
    const found = new Map<unknown, Owned>();
    for (const { backend, item } of all) {
      const value = item[key];
      const isFree = key === "name" || !String(value).startsWith(SCHEME);
      if (isFree && !found.has(value)) found.set(value, { backend, item });
      else if (key !== "name") {
        const shown = `${SCHEME}${backend.name}/${value}`;
        found.set(shown, { backend, item: { ...item, [key]: shown } });
      } else if (found.get(value)!.backend !== backend) {
        this.#warn(
          `'${value}' of '${backend.name}' is left out: '${found.get(value)!.backend.name}' has it, too`,
        );
      }
    }
    return [...found.values()];
  }
}

/** The first templates of each server: one with many, each made to take long, must not hold up all others. */
function comparable(templates: readonly Owned[]): readonly Owned[] {
  const counts = new Map<Backend, number>();
  return templates.filter(({ backend }) => {
    const count = counts.get(backend) ?? 0;
    counts.set(backend, count + 1);
    return count < MOST_TEMPLATES;
  });
}

function notFound(uri: string): RequestFailure {
  return new RequestFailure(-32002, `Resource not found: ${uri}`, { uri });
}

/** The names that several servers have as their own, a clause each. */
export async function collisionsOf(backends: readonly Backend[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const kind of ["tools", "prompts"] as const) {
    const owners = new Map<unknown, Backend>();
    const lists = await Promise.all(backends.map((backend) => backend.shown(kind).catch(() => [])));
    lists.forEach((items, index) => {
      for (const { name } of items) {
        const owner = owners.get(name);
        const what = kind === "tools" ? "tool" : "prompt";
        if (owner === undefined) owners.set(name, backends[index]!);
        else found.push(`the ${what} '${name}' is of '${owner.name}' and of '${backends[index]!.name}'`);
      }
    });
  }
  return found;
}

/** One that is not listed may be there all the same, such as one that a result has linked to. */
async function firstThatReads(backends: readonly Backend[], uri: string): Promise<Backend | undefined> {
  for (const backend of backends) {
    const read = await backend.upstream.request("resources/read", { uri }).then(() => true, () => false);
    if (read) return backend;
  }
  return undefined;
}

/** @throws {RequestFailure} it is not shown */
function routeTo(
  kind: "tools" | "prompts",
  shown: string,
  { backend, named }: { readonly backend: Backend; readonly named: NamedItem | undefined },
): ToolRoute {
  if (named === undefined) throw unknown(kind, shown);
  if (named.isShown) return { backend, name: named.own };
  throw new RequestFailure(CODES.INVALID_PARAMS, `The tool '${shown}' is not allowed here`);
}

function unknown(kind: "tools" | "prompts", name: string): RequestFailure {
  return new RequestFailure(
    CODES.INVALID_PARAMS,
    `Unknown ${kind === "tools" ? "tool" : "prompt"}: ${name}`,
  );
}
