/** The most frequent values, each a click away from a narrower question. */
import { useMemo } from "preact/hooks";

import type { Address, Navigate } from "./address.ts";
import type { Facet } from "./api.ts";
import { countText, narrowed, quoted, showUnseen } from "./format.ts";

interface FacetListProps {
  readonly facets: readonly Facet[];
  readonly address: Address;
  readonly navigate: Navigate;
}

export function FacetList({ facets, address, navigate }: FacetListProps) {
  // In a narrow window the rows would begin below the fold.
  const isNarrow = useMemo(() => matchMedia("(max-width: 700px)").matches, []);
  return (
    <aside class="facets" aria-label="Most frequent values">
      {facets
        .filter(({ values }) => values.length > 0)
        .map(({ name, values }) => (
          <details key={name} open={!isNarrow}>
            <summary>{name}</summary>
            <ul>
              {values.map(({ value, count }) => (
                <li>
                  {value === null ? (
                    <span class="value">(others)</span>
                  ) : (
                    <>
                      <button
                        type="button"
                        class="value"
                        title={`only ${name} ${value}`}
                        onClick={() =>
                          navigate({ q: narrowed(address.q, `${name}: ${quoted(value)}`) })
                        }
                      >
                        {name === "read" ? `…${value.slice(-8)}` : showUnseen(value)}
                      </button>
                      <button
                        type="button"
                        class="without"
                        aria-label={`without ${name} ${value}`}
                        onClick={() =>
                          navigate({ q: narrowed(address.q, `not ${name}: ${quoted(value)}`) })
                        }
                      >
                        −
                      </button>
                    </>
                  )}
                  <span class="count">{countText(count)}</span>
                </li>
              ))}
            </ul>
          </details>
        ))}
    </aside>
  );
}
