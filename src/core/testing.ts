/** The same object as another realm would give it, an iframe or a test's sandbox: no instance of this one's classes. */
export function fromOtherRealm<Value extends object>(value: Value): Value {
  const properties = Object.create(null) as PropertyDescriptorMap;
  for (let type = Object.getPrototypeOf(value) as object; type !== Object.prototype; type = Object.getPrototypeOf(type) as object) {
    for (const name of Reflect.ownKeys(type)) properties[name] ??= Object.getOwnPropertyDescriptor(type, name)!;
  }
  return Object.setPrototypeOf(value, Object.create(null, properties) as object) as Value;
}
