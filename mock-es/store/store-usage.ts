/** How much all indices hold together, and how much they may. */
import { EsError } from "../es-error.ts";

/** Most that a mock keeps. */
export interface StoreLimits {
  readonly documents: number;
  /** Of all sources together, in UTF-16 units. */
  readonly characters: number;
}

/** Counts what is stored, and refuses what is too much. */
export class StoreUsage {
  documents = 0;
  characters = 0;
  readonly #limits: StoreLimits;

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }

  /**
   * Counts a write.
   *
   * @throws {EsError} 429 `circuit_breaking_exception` when it does not fit any more
   */
  add(documents: number, characters: number): void {
    const { documents: most, characters: mostCharacters } = this.#limits;
    if (documents > 0 && this.documents + documents > most)
      throw full(`${most} documents`, "--max-documents");
    if (characters > 0 && this.characters + characters > mostCharacters)
      throw full(`${mostCharacters} characters of sources`, "--max-source-characters");
    this.documents += documents;
    this.characters += characters;
  }

  /** Counts what is gone. */
  remove(documents: number, characters: number): void {
    this.documents -= documents;
    this.characters -= characters;
  }
}

function full(limit: string, option: string): EsError {
  return new EsError(
    429,
    "circuit_breaking_exception",
    `[parent] Data too large: mock-es keeps at most ${limit} in memory; delete indices, or raise ${option}`,
    { durability: "PERMANENT" },
  );
}
