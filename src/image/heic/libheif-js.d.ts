/** The package has types of its functions, and none of this file. */
declare module "libheif-js/libheif-wasm/libheif-bundle.mjs" {
  const createLibrary: () => unknown;
  export default createLibrary;
}
