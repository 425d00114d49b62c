/** What is known of the bodies of an exchange whose route wants that in place of them. */
export interface RecordedFacts {
  /**
   * Members of `es_proxy.facts`, in JSON, without brackets around them, ASCII. Called once, for the
   * terminal record; both bodies have ended. Never throws.
   *
   * @param status of the response; 0: none came
   */
  text(status: number): string;
}
