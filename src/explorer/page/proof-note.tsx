/** What the transparency log proves of the exchange that is shown. */
import { useEffect, useState } from "preact/hooks";

import { get, type ApiError, type ProofView } from "./api.ts";
import { asApiError } from "./use-stream.ts";

const tones: Readonly<Record<ProofView["standing"], string>> = {
  proven: "good",
  unsigned: "warn",
  unknown: "warn",
  contradicted: "bad",
};

export function ProofNote({ id }: { readonly id: string }) {
  const [proof, setProof] = useState<ProofView | undefined>(undefined);
  const [error, setError] = useState<ApiError | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    setProof(undefined);
    setError(undefined);
    get<ProofView>(`/api/proof/${encodeURIComponent(id)}`, abort.signal).then(
      setProof,
      (reason) => {
        if (!abort.signal.aborted) setError(asApiError(reason));
      },
    );
    return () => abort.abort();
  }, [id]);
  return (
    <section class="proof" aria-label="Proof">
      <h3>
        proof {proof !== undefined && <span class={tones[proof.standing]}>{proof.verdict}</span>}
      </h3>
      {error !== undefined && <p class="note error">{error.message}</p>}
      {error === undefined && proof === undefined && <p class="note">Reading the log…</p>}
      {proof?.sentences.map((sentence) => (
        <p>{sentence}</p>
      ))}
    </section>
  );
}
