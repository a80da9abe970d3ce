#!/usr/bin/env bash
# DICOM pixels of 12 bits: daikon reads -300 as 3,796, and dcmjs-imaging paints 1 as white where other bits are above it; negative ones of 8 bits are as white as the brightest to it.
#
# npm daikon 1.2.46, dcmjs-imaging 0.2.5, Node 24. DICOM says how many bits a pixel has in the file, how many of them hold its value and which of these is the highest; of signed values that one is the
# sign (PS3.5, 8.1.1), whatever stands in the bits above, which older files use for overlays. CT scans are of 12 bits in 16. A guess: readers mask, and extend the sign. Seen, files by hand:
#   12 of 16 bits, signed, 0 1 -300 -1, 0 in the bits above     daikon 0 1 3796 4095        dcmjs-imaging: -300 is black, -1 and 1 are white
#   the same with the sign in the bits above                    daikon 0 1 -300 -1          dcmjs-imaging: the same
#   12 of 16 bits, unsigned, 0 1 291 4095, others above         daikon: right               dcmjs-imaging, greys: 0 255 255 255
#   12 of 16 bits, the highest is bit 15, 0 1 291 4095          daikon 0 16 560 4080        dcmjs-imaging, greys: 0 0 255 255
#   8 bits, signed, 0 1 -56 -1 100 -100                         daikon: right               dcmjs-imaging, greys: 0 2 255 255 202 255
# daikon keeps the lower 12 bits and asks neither where the sign is nor which bit is the highest; dcmjs-imaging extends the sign of 12 bits, but neither masks nor shifts, and knows no sign in 8 bits.
# In Hounsfield units (with an intercept of 0) daikon's air is denser than bone.
# Way out: the raw bytes and one's own (value << (31 - highest)) >> (32 - stored), with >>> for unsigned.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error daikon@1.2.46 dcmjs-imaging@0.2.5 > /dev/null
cat > run.cjs <<'JS'
const daikon = require("daikon");
const { DicomImage } = require("dcmjs-imaging");

/** An element of explicit type, little endian. */
const element = (group, number, type, value) => {
  let bytes = Buffer.isBuffer(value) ? value : typeof value === "number" ? Buffer.from(Uint16Array.of(value).buffer) : Buffer.from(value, "latin1");
  if (bytes.length % 2 === 1) bytes = Buffer.concat([bytes, Buffer.from([0])]);
  const isLong = type === "OB" || type === "OW";
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(type, 4, "latin1");
  if (isLong) head.writeUInt32LE(bytes.length, 8);
  else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
};
/** A secondary capture of one row of grey pixels. */
const dicom = (pixels, { allocated, stored, highest = stored - 1, isSigned }) => {
  const about = Buffer.concat([element(2, 1, "OB", Buffer.from([0, 1])), element(2, 2, "UI", "1.2.840.10008.5.1.4.1.1.7"), element(2, 3, "UI", "1.2.3.4"), element(2, 16, "UI", "1.2.840.10008.1.2.1"), element(2, 18, "UI", "1.2.3")]);
  const size = Buffer.from(Uint32Array.of(about.length).buffer);
  const data = allocated === 8 ? Buffer.from(pixels.map((value) => value & 255)) : Buffer.from(Uint16Array.from(pixels, (value) => value & 65_535).buffer);
  const numbers = [[2, 1], [16, 1], [17, pixels.length], [256, allocated], [257, stored], [258, highest], [259, isSigned ? 1 : 0]];
  const file = Buffer.concat([
    Buffer.alloc(128), Buffer.from("DICM"), element(2, 0, "UL", size), about, element(8, 22, "UI", "1.2.840.10008.5.1.4.1.1.7"), element(8, 24, "UI", "1.2.3.4"), element(32, 13, "UI", "1.2.9"), element(32, 14, "UI", "1.2.10"),
    ...numbers.flatMap(([number, value]) => (number === 16 ? [element(40, 4, "CS", "MONOCHROME2 "), element(40, 16, "US", value)] : [element(40, number, "US", value)])), element(0x7fe0, 16, allocated === 8 ? "OB" : "OW", data),
  ]);
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
};
const cases = {
  "12 bits, 0 above": dicom([0, 1, -300 & 4095, -1 & 4095], { allocated: 16, stored: 12, isSigned: true }),
  "12 bits, sign above": dicom([0, 1, -300, -1], { allocated: 16, stored: 12, isSigned: true }),
  "bits above": dicom([0, 0xf001, 0x1123, 0xffff], { allocated: 16, stored: 12 }),
  "bit 15": dicom([0, 1 << 4, 291 << 4, 4095 << 4], { allocated: 16, stored: 12, highest: 15 }),
  "8 bits": dicom([0, 1, -56, -1, 100, -100], { allocated: 8, stored: 8, isSigned: true }),
};
const seen = {};
for (const [name, file] of Object.entries(cases)) {
  const values = Array.from(daikon.Series.parseImage(new DataView(file)).getInterpretedData(false, false));
  const greys = Array.from(new Uint8Array(new DicomImage(file).render().pixels)).filter((_, i) => i % 4 === 0);
  seen[name] = [values.join(" "), greys.join(" ")];
}
console.log("daikon", require("daikon/package.json").version, "dcmjs-imaging", require("./node_modules/dcmjs-imaging/package.json").version, "values, greys:", seen);
const expected = {
  "12 bits, 0 above": ["0 1 3796 4095", "255 255 0 254"], "12 bits, sign above": ["0 1 -300 -1", "255 255 0 254"], "bits above": ["0 1 291 4095", "0 255 255 255"], "bit 15": ["0 16 560 4080", "0 0 255 255"], "8 bits": ["0 1 -56 -1 100 -100", "0 2 255 255 202 255"],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
