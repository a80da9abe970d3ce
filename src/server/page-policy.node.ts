/**
 * What browsers are told of the page: nothing from elsewhere runs, loads or frames it. The server sends it, and the build writes it
 * into `_headers` for other web spaces.
 */
const directives: Readonly<Record<string, readonly string[]>> = {
  "default-src": ["'self'"],
  "base-uri": ["'self'"],
  "font-src": ["'self'", "data:"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'self'"],
  "object-src": ["'none'"],
  "script-src-attr": ["'none'"],
  // The page runs WebAssembly and workers of its own, and shows pictures that never leave it (blob:).
  "script-src": ["'self'", "'wasm-unsafe-eval'"],
  "worker-src": ["'self'", "blob:"],
  "img-src": ["'self'", "data:", "blob:"],
  "media-src": ["'self'", "blob:"],
  "style-src": ["'self'", "'unsafe-inline'"],
};

/** Devices and sensors that a page could ask for: this one asks for the camera alone. Only names that browsers know, or their consoles complain. */
const features = [
  "accelerometer",
  "autoplay",
  "display-capture",
  "geolocation",
  "gyroscope",
  "hid",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "serial",
  "usb",
] as const;

/** The headers, by name as browsers write them. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy": Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(" ")}`)
    .join("; "),
  "Permissions-Policy": ["camera=(self)", ...features.map((name) => `${name}=()`)].join(", "),
  // Cross-origin isolation: without it browsers give WebAssembly no threads.
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};
