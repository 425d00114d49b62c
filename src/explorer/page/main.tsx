/** The page: what is asked at the top, the views below, an exchange beside. */
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";

import { question, useAddress, type View } from "./address.ts";
import { CoverageView } from "./coverage-view.tsx";
import { EntryPanel } from "./entry-panel.tsx";
import { QueryBar } from "./query-bar.tsx";
import { SearchView } from "./search-view.tsx";
import { TopView } from "./top-view.tsx";

const views: readonly (readonly [View, string])[] = [
  ["search", "Exchanges"],
  ["top", "Top"],
  ["coverage", "Coverage"],
];

function Page() {
  const [address, navigate] = useAddress();
  const [round, setRound] = useState(0);
  // A range that ends now is worked out when it is asked for, not with every drawing.
  const query = useMemo(
    () => question(address).toString(),
    [address.q, address.range, address.since, address.until, round],
  );
  useEffect(() => {
    const keys = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement;
      if (event.key === "/" && !isTyping) {
        event.preventDefault();
        document.querySelector<HTMLInputElement>("#filter")?.focus();
      }
      if (event.key === "Escape" && !isTyping && address.id !== undefined)
        navigate({ id: undefined });
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [address.id]);
  return (
    <>
      <header>
        <h1>es-proxy</h1>
        <nav aria-label="Views">
          {views.map(([view, title]) => (
            <button
              type="button"
              aria-current={address.view === view ? "page" : undefined}
              onClick={() => navigate({ view, id: undefined })}
            >
              {title}
            </button>
          ))}
        </nav>
      </header>
      {address.view !== "coverage" && (
        <QueryBar address={address} navigate={navigate} refresh={() => setRound(round + 1)} />
      )}
      <main class={address.id === undefined ? "" : "with-panel"}>
        {address.view === "search" && (
          <SearchView address={address} navigate={navigate} query={query} round={round} />
        )}
        {address.view === "top" && (
          <TopView address={address} navigate={navigate} query={query} round={round} />
        )}
        {address.view === "coverage" && <CoverageView />}
        {address.id !== undefined && (
          <EntryPanel id={address.id} address={address} navigate={navigate} />
        )}
      </main>
    </>
  );
}

const root = document.querySelector("#page");
if (root !== null) {
  root.textContent = "";
  render(<Page />, root);
}
