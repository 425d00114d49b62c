/**
 * Property tests draw the same values in every run of `make test`, so that a change is judged by
 * what it changed. `PROPERTY_SEED` is another seed; `PROPERTY_SEED=random` draws anew, as the long
 * targets do. A failing property prints its seed.
 */
import { configureGlobal } from "fast-check";

const seed = process.env["PROPERTY_SEED"] ?? "1";
if (seed !== "random") {
  if (!/^\d{1,9}$/.test(seed)) throw new Error(`PROPERTY_SEED: a number or random, not ${seed}`);
  configureGlobal({ seed: Number(seed) });
}
