/** Which keys do what. */
import { useEffect, useRef } from "preact/hooks";

const keys: readonly (readonly [string, string])[] = [
  ["/", "to the filter"],
  ["Enter", "ask"],
  ["↑ ↓", "through the rows, and through what completes the filter"],
  ["Page ↑ ↓", "twenty rows on"],
  ["Escape", "close the exchange, or leave the filter"],
  ["1 – 6", "to a view"],
  ["?", "this list"],
];

export function KeyHelp({ close }: { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label="Keys" onClose={close} onClick={close}>
      <dl class="facts">
        {keys.map(([key, meaning]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </>
        ))}
      </dl>
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  );
}
