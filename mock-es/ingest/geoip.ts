/** The processors `geoip` and `ip_location`, as in a cluster that could not fetch any database. */
import { notSupported } from "../es-error.ts";
import type { Maker } from "./processor-settings.ts";

/** Databases that Elasticsearch fetches by itself. */
const fetched = ["GeoLite2-City.mmdb", "GeoLite2-Country.mmdb", "GeoLite2-ASN.mmdb"];
const flagNames = ["first_only", "ignore_missing", "download_database_on_pipeline_creation"];

/**
 * Makes the processor, which tells in `tags` that its database is missing.
 *
 * @param type `geoip` or `ip_location`
 */
export function withoutDatabase(type: string): Maker {
  return (settings) => {
    settings.text("field");
    const file = settings.textOr("database_file", "GeoLite2-City.mmdb");
    if (!fetched.includes(file)) throw notSupported(`the database [${file}] of [${type}]`);
    settings.textOr("target_field", "geoip");
    settings.listOr("properties", []);
    for (const name of flagNames) settings.flag(name);
    const tag = `_${type}_database_unavailable_${file}`;
    return (document) => {
      const tags = document.get("tags") ?? [];
      document.set("tags", [...(Array.isArray(tags) ? (tags as readonly unknown[]) : [tags]), tag]);
    };
  };
}
