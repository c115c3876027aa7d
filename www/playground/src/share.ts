// What is open as a link: in the hash, which browsers send to nobody.

export interface Shared {
  files: { name: string; text: string }[];
  /** YAML text. */
  settings: string;
}

const PREFIX = "#s=";

async function through(bytes: BlobPart, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

/** `#s=` and base64url of deflated JSON. */
export async function encode(shared: Shared): Promise<string> {
  const deflated = await through(JSON.stringify(shared), new CompressionStream("deflate-raw"));
  let binary = "";
  for (let at = 0; at < deflated.length; at += 0x8000) binary += String.fromCharCode(...deflated.subarray(at, at + 0x8000));
  return PREFIX + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** What a hash that begins with `#s=` holds. Throws where it was cut off on its way. */
export async function decode(hash: string): Promise<Shared> {
  try {
    const binary = atob(hash.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
    const inflated = await through(bytes, new DecompressionStream("deflate-raw"));
    const shared = JSON.parse(new TextDecoder().decode(inflated)) as Partial<Shared>;
    const files = (shared.files ?? []).filter((file) => typeof file.name === "string" && typeof file.text === "string").map(({ name, text }) => ({ name, text }));
    if (files.length === 0) throw new Error("there is no file in it");
    return { files, settings: typeof shared.settings === "string" ? shared.settings : "" };
  } catch (error) {
    throw new Error("This link is not complete: it was cut off or changed on its way", { cause: error });
  }
}
