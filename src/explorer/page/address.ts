/** Every view has an address of its own: what is asked stands behind the `#`. */
import { useEffect, useState } from "preact/hooks";

export const viewNames = ["search", "top", "reads", "who", "coverage", "proxy"] as const;
export type View = (typeof viewNames)[number];

/** What the page shows. Times in milliseconds since the epoch; `range` is relative to now. */
export interface Address {
  readonly view: View;
  readonly q: string;
  /** `15m`, `1h`, `1d`, `7d`, `all`, or `custom` with `since` and `until`. */
  readonly range: string;
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly id: string | undefined;
  readonly by: string;
  readonly sort: string;
  /** The document that is asked for in the view `who`. */
  readonly index: string;
  readonly doc: string;
}

/** What can be chosen without typing, in milliseconds. */
export const ranges: Readonly<Record<string, number>> = {
  "15m": 900_000,
  "1h": 3_600_000,
  "6h": 21_600_000,
  "1d": 86_400_000,
  "7d": 604_800_000,
};

/** The trail's whole time is asked for unless something else is. */
export function parseAddress(hash: string): Address {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const number = (name: string): number | undefined => {
    const value = Number(parameters.get(name) ?? "");
    return parameters.has(name) && Number.isFinite(value) ? value : undefined;
  };
  return {
    view: viewNames.find((name) => name === parameters.get("view")) ?? "search",
    q: parameters.get("q") ?? "",
    range: parameters.get("range") ?? "all",
    since: number("since"),
    until: number("until"),
    id: parameters.get("id") ?? undefined,
    by: parameters.get("by") ?? "user",
    sort: parameters.get("sort") ?? "",
    index: parameters.get("index") ?? "",
    doc: parameters.get("doc") ?? "",
  };
}

/** The `#…` of an address; what is usual is left out. */
export function formatAddress(address: Address): string {
  const usual = parseAddress("");
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(address))
    if (value !== undefined && value !== usual[name as keyof Address])
      parameters.set(name, String(value));
  return `#${parameters}`;
}

/** The query of an API call that asks for the same entries. */
export function question(address: Address): URLSearchParams {
  const parameters = new URLSearchParams();
  if (address.q.trim() !== "") parameters.set("q", address.q);
  const span = ranges[address.range];
  if (span !== undefined) parameters.set("since", String(Date.now() - span));
  if (address.range === "custom") {
    if (address.since !== undefined) parameters.set("since", String(address.since));
    if (address.until !== undefined) parameters.set("until", String(address.until));
  }
  return parameters;
}

/** What a view is given. */
export interface ViewProps {
  readonly address: Address;
  readonly navigate: Navigate;
  /** Of its API call. */
  readonly query: string;
  /** Counts how often the same was asked for again. */
  readonly round: number;
}

/** Where it stands who saw a document: of all time, whatever was asked for before. */
export function documentAddress(index: string, doc: string): Partial<Address> {
  const everything = { q: "", range: "all", since: undefined, until: undefined };
  return { ...everything, view: "who", index, doc, id: undefined };
}

/** Where the calls of a read stand. @param id of its first call */
export function callsAddress(id: string): Partial<Address> {
  const everything = { range: "all", since: undefined, until: undefined };
  return { ...everything, view: "search", q: `read: "${id}"`, id: undefined };
}

export type Navigate = (change: Partial<Address>, how?: "push" | "replace") => void;

/** The address, and how to go elsewhere. */
export function useAddress(): readonly [Address, Navigate] {
  const [address, setAddress] = useState(() => parseAddress(location.hash));
  useEffect(() => {
    const follow = (): void => setAddress(parseAddress(location.hash));
    addEventListener("popstate", follow);
    addEventListener("hashchange", follow);
    return () => {
      removeEventListener("popstate", follow);
      removeEventListener("hashchange", follow);
    };
  }, []);
  const navigate: Navigate = (change, how = "push") => {
    const next = { ...parseAddress(location.hash), ...change };
    if (how === "push") history.pushState(null, "", formatAddress(next));
    else history.replaceState(null, "", formatAddress(next));
    setAddress(next);
  };
  return [address, navigate];
}
