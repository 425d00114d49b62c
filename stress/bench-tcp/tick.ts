/** So many bytes of an upload the origin takes for each byte that it answers. */
export const tickBytes = 1 << 20;
