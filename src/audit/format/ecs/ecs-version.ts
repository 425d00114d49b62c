/** Version of the Elastic Common Schema that records follow. */
export const ecsVersion = "9.2.0";
