// Where a file of ours lies that is fetched later: among the built ones, on the Worker's origin.

/** The address of the folder, with a slash at its end. */
export const assets = new URL('.', import.meta.url).href;

export const { origin } = new URL(assets);
