/** The page: what is asked at the top, the views below, an exchange beside. */
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";

import { question, useAddress, viewNames, type View } from "./address.ts";
import { CoverageView } from "./coverage-view.tsx";
import { EntryPanel } from "./entry-panel.tsx";
import { KeyHelp } from "./key-help.tsx";
import { ProxyView } from "./proxy-view.tsx";
import { QueryBar } from "./query-bar.tsx";
import { ReadsView } from "./reads-view.tsx";
import { SearchView } from "./search-view.tsx";
import { TopView } from "./top-view.tsx";
import { WhoView } from "./who-view.tsx";

const titles: Readonly<Record<View, string>> = {
  search: "Exchanges",
  top: "Top",
  reads: "Reads",
  who: "Who",
  coverage: "Coverage",
  proxy: "Proxy",
};
const filtered: readonly View[] = ["search", "top", "who"];
const timed: readonly View[] = [...filtered, "reads"];

function Page() {
  const [address, navigate] = useAddress();
  const [round, setRound] = useState(0);
  const [isHelpShown, setHelp] = useState(false);
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
      if (isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
      const view = viewNames[Number(event.key) - 1];
      if (view !== undefined) navigate({ view, id: undefined, sort: "" });
      if (event.key === "?") setHelp((shown) => !shown);
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [address.id]);
  const props = { address, navigate, query, round };
  return (
    <>
      <header>
        <h1>es-proxy</h1>
        <nav aria-label="Views">
          {viewNames.map((view, at) => (
            <button
              type="button"
              aria-current={address.view === view ? "page" : undefined}
              title={`key ${at + 1}`}
              onClick={() => navigate({ view, id: undefined, sort: "" })}
            >
              {titles[view]}
            </button>
          ))}
        </nav>
        <button type="button" class="help" title="Keys (?)" onClick={() => setHelp(true)}>
          ?
        </button>
        {isHelpShown && <KeyHelp close={() => setHelp(false)} />}
      </header>
      {timed.includes(address.view) && (
        <QueryBar
          hasFilter={filtered.includes(address.view)}
          address={address}
          navigate={navigate}
          refresh={() => setRound(round + 1)}
        />
      )}
      <main class={address.id === undefined ? "" : "with-panel"}>
        {address.view === "search" && <SearchView {...props} />}
        {address.view === "top" && <TopView {...props} />}
        {address.view === "reads" && <ReadsView {...props} />}
        {address.view === "who" && <WhoView {...props} />}
        {address.view === "coverage" && <CoverageView />}
        {address.view === "proxy" && <ProxyView />}
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
