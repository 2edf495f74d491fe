/**
 * Every code of every error, explained.
 *
 * @module
 */

import { ACTOR_ERRORS } from "./actors.ts";
import { CONTROL_ERRORS, REFUSALS } from "./control.ts";
import type { CatalogueSection, ExplainedCode } from "./entry.ts";
import { MANIFEST_ERRORS, TEMPLATE_ERRORS } from "./manifests.ts";
import { CONTAINMENT_ERRORS, PROCESS_ERRORS } from "./processes.ts";
import { JSON_RPC_ERRORS, POOL_ERRORS, SIDECAR_ERRORS } from "./sidecars.ts";
import { SUPERVISION_ERRORS, TREE_ERRORS } from "./supervision.ts";
import { COMMAND_LINE_ERRORS, EXECUTABLE_ERRORS, TESTING_ERRORS } from "./tools.ts";

/** All codes by subject, in the order in which a user meets them. */
export const CATALOGUE: readonly CatalogueSection[] = [
  {
    title: "Command line",
    about: "What is wrong with how a command was called.",
    codes: COMMAND_LINE_ERRORS,
  },
  {
    title: "Manifests",
    about: "What is wrong with a manifest, found before anything starts.",
    codes: MANIFEST_ERRORS,
  },
  {
    title: "Templates",
    about: "Why a sidecar is not started from a template, found before it would be.",
    codes: TEMPLATE_ERRORS,
  },
  {
    title: "Processes",
    about:
      "Between the runtime and a program: its start and its pipes. Those of a start are not tried again.",
    codes: PROCESS_ERRORS,
  },
  {
    title: "Containment",
    about: "What keeps a run from being contained, found before anything starts.",
    codes: CONTAINMENT_ERRORS,
  },
  { title: "Trees", about: "Why a tree did not start, or could not go on.", codes: TREE_ERRORS },
  {
    title: "Requests to supervisors",
    about: "`SupervisionError`: what a supervisor was asked for and refused. Nothing was changed.",
    codes: SUPERVISION_ERRORS,
  },
  { title: "Actors", about: "Between the sender of a message and its actor.", codes: ACTOR_ERRORS },
  { title: "Sidecars", about: "How a sidecar fails, and what it can't be asked.", codes: SIDECAR_ERRORS },
  { title: "Pools", about: "Requests to pools.", codes: POOL_ERRORS },
  {
    title: "JSON-RPC",
    about:
      "`JsonRpcError` has a number as its code, from the server or for it. Others than these are the server's own: see its documentation.",
    codes: JSON_RPC_ERRORS,
  },
  { title: "Control sockets", about: "Why a control socket can't be had or used.", codes: CONTROL_ERRORS },
  {
    title: "Refused requests",
    about:
      "What a runtime answers over its control socket in place of a result; clients have it as `refusal` of a `ControlError`. Those of supervisors come there too.",
    codes: REFUSALS,
  },
  {
    title: "Executables",
    about: "`outrider compile`, and the start of what it made.",
    codes: EXECUTABLE_ERRORS,
  },
  { title: "Testing", about: "`@outrider/outrider/testing`.", codes: TESTING_ERRORS },
];

/** Every code, in the order of the catalogue. */
export const CODES: readonly string[] = CATALOGUE.flatMap(({ codes }) => Object.keys(codes));

/** The entry of a code; `undefined` for a foreign one. */
export function explainCode(code: string): ExplainedCode | undefined {
  return CATALOGUE.find(({ codes }) => Object.hasOwn(codes, code))?.codes[code];
}
