/**
 * What one server offers: its tools, prompts, resources and templates, kept until it says that they have changed or a
 * new incarnation of it runs.
 */

import { CODES, type MessageParams, objectOf, RequestFailure } from "../messages.ts";
import type { Upstream } from "../upstream.ts";

/** The kinds of lists. */
export type ListKind = "tools" | "prompts" | "resources" | "templates";

/** How each list is asked for, and which capability and notification are its own. */
export const LISTS: Readonly<
  Record<ListKind, {
    readonly method: string;
    readonly field: string;
    readonly capability: "tools" | "prompts" | "resources";
    readonly changed: string;
  }>
> = {
  tools: {
    method: "tools/list",
    field: "tools",
    capability: "tools",
    changed: "notifications/tools/list_changed",
  },
  prompts: {
    method: "prompts/list",
    field: "prompts",
    capability: "prompts",
    changed: "notifications/prompts/list_changed",
  },
  resources: {
    method: "resources/list",
    field: "resources",
    capability: "resources",
    changed: "notifications/resources/list_changed",
  },
  templates: {
    method: "resources/templates/list",
    field: "resourceTemplates",
    capability: "resources",
    changed: "notifications/resources/list_changed",
  },
};

/** All of them. */
export const LIST_KINDS = Object.keys(LISTS) as readonly ListKind[];

/** A tool, prompt, resource or template, of which only its names are looked at. */
export type ListItem = MessageParams;

/** The most items of one list, and the most pages: a server that goes on for ever has a fault. */
const MAX_ITEMS = 10_000;
const MAX_PAGES = 1_000;

/** The lists of one server. */
export class Catalog {
  readonly #upstream: Upstream;
  /** What each request for a list has besides. */
  readonly #params: () => MessageParams;
  readonly #lists = new Map<ListKind, Promise<readonly ListItem[]>>();

  constructor(upstream: Upstream, params: () => MessageParams) {
    this.#upstream = upstream;
    this.#params = params;
  }

  /** The list as it is known, or as the server tells it now. @throws {RequestFailure} it does not */
  list(kind: ListKind): Promise<readonly ListItem[]> {
    const known = this.#lists.get(kind);
    if (known !== undefined) return known;
    const list = this.#read(kind);
    this.#lists.set(kind, list);
    // What failed is asked for again.
    list.catch(() => this.#lists.get(kind) === list && this.#lists.delete(kind));
    return list;
  }

  /** Forgets a list, or all. */
  forget(...kinds: readonly ListKind[]): void {
    for (const kind of kinds.length > 0 ? kinds : LIST_KINDS) this.#lists.delete(kind);
  }

  async #read(kind: ListKind): Promise<readonly ListItem[]> {
    const { method, field } = LISTS[kind];
    const items: ListItem[] = [];
    const cursors = new Set<unknown>();
    let cursor: unknown;
    try {
      for (let page = 0; page < MAX_PAGES && items.length < MAX_ITEMS; page++) {
        const params = { ...this.#params(), ...cursor !== undefined && { cursor } };
        const result = await this.#upstream.request(method, params);
        const found = result[field];
        if (Array.isArray(found)) items.push(...found.map(objectOf));
        cursor = result.nextCursor;
        if (cursor === undefined || cursor === null || cursors.has(cursor)) break;
        cursors.add(cursor);
      }
    } catch (error) {
      // Servers without templates, or without prompts that they declare, say so in this way.
      if (error instanceof RequestFailure && error.body.code === CODES.METHOD_NOT_FOUND) return [];
      throw error;
    }
    return items;
  }
}
