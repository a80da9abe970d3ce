/** The largest file of a network that is read, 2 GiB: what one ONNX file can hold. */
export const maximumModelBytes: number = 2 ** 31;
