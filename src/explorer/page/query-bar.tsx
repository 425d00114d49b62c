/** The filter with completion, and the time. */
import { useEffect, useRef, useState } from "preact/hooks";

import { ranges, type Address, type Navigate } from "./address.ts";
import { get, type Completion } from "./api.ts";
import { timeText } from "./format.ts";

interface QueryBarProps {
  /** There is a filter, not only a time. */
  readonly hasFilter: boolean;
  readonly address: Address;
  readonly navigate: Navigate;
  readonly refresh: () => void;
}

export function QueryBar({ hasFilter, address, navigate, refresh }: QueryBarProps) {
  const [text, setText] = useState(address.q);
  const [completion, setCompletion] = useState<Completion | undefined>(undefined);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const abort = useRef(new AbortController());
  useEffect(() => setText(address.q), [address.q]);

  const propose = (value: string, cursor: number): void => {
    abort.current.abort();
    abort.current = new AbortController();
    const parameters = new URLSearchParams({ text: value, cursor: String(cursor) });
    get<Completion>(`/api/complete?${parameters}`, abort.current.signal).then(
      (found) => {
        setCompletion(found.items.length > 0 ? found : undefined);
        setChosen(-1);
      },
      () => setCompletion(undefined),
    );
  };
  const close = (): void => {
    abort.current.abort();
    setCompletion(undefined);
  };
  const take = (at: number): void => {
    const item = completion?.items[at];
    if (completion === undefined || item === undefined) return;
    const value = text.slice(0, completion.from) + item.text + text.slice(completion.to);
    const cursor = completion.from + item.text.length;
    setText(value);
    const field = input.current;
    if (field !== null) {
      field.value = value;
      field.setSelectionRange(cursor, cursor);
      field.focus();
    }
    propose(value, cursor);
  };
  const submit = (): void => {
    close();
    if (text === address.q) refresh();
    else navigate({ q: text });
  };
  const keys = (event: KeyboardEvent): void => {
    if (completion !== undefined) {
      const count = completion.items.length;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        setChosen((chosen + step + count + (chosen < 0 && step < 0 ? 1 : 0)) % count);
        return;
      }
      if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) {
        event.preventDefault();
        take(chosen);
        return;
      }
      if (event.key === "Escape") {
        close();
        return;
      }
    }
    if (event.key === "Enter") submit();
    if (event.key === "Escape") input.current?.blur();
  };
  return (
    <form
      class="query"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {hasFilter && (
        <div class="filter">
          <input
            id="filter"
            ref={input}
            value={text}
            placeholder="KQL, for example: user: alice and action: indices.delete   ( / )"
            aria-label="Filter in Kibana's query language"
            role="combobox"
            aria-expanded={completion !== undefined}
            aria-controls="proposals"
            aria-activedescendant={chosen >= 0 ? `proposal-${chosen}` : undefined}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => {
              const { value, selectionStart } = event.currentTarget;
              setText(value);
              propose(value, selectionStart ?? value.length);
            }}
            onKeyDown={keys}
            onBlur={() => setTimeout(close, 150)}
          />
          {completion !== undefined && (
            <ul id="proposals" role="listbox">
              {completion.items.slice(0, 12).map((item, at) => (
                <li
                  id={`proposal-${at}`}
                  role="option"
                  aria-selected={at === chosen}
                  onMouseDown={(event) => {
                    event.preventDefault();
                    take(at);
                  }}
                >
                  <b>{item.text}</b> <span>{item.detail}</span>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      <select
        aria-label="Time"
        value={address.range}
        onChange={(event) => {
          const range = event.currentTarget.value;
          if (range !== "custom") navigate({ range, since: undefined, until: undefined });
        }}
      >
        {Object.keys(ranges).map((range) => (
          <option value={range}>last {range}</option>
        ))}
        <option value="all">whole trail</option>
        {address.range === "custom" && (
          <option value="custom">
            {timeText(address.since).slice(0, 19)} – {timeText(address.until).slice(0, 19)}
          </option>
        )}
      </select>
      <button type="submit" class="primary">
        Ask
      </button>
    </form>
  );
}
