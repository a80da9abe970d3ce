/** Whether a file says that it is HEIC, which most browsers show only once it was decoded for them. */
export function isHeicFile({ name, type }: { readonly name: string; readonly type: string }): boolean {
  return /\.hei[cf]$/i.test(name) || /^image\/hei[cf]/.test(type);
}

/** Whether it is one, by its first bytes; other pictures in the same container are among them, such as some in AVIF. */
export async function isHeif(file: Blob): Promise<boolean> {
  const text = String.fromCharCode(...new Uint8Array(await file.slice(4, 12).arrayBuffer()));
  return /^ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)$/.test(text);
}
