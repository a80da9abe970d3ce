/** Makes an object what another realm would give, an iframe or a test's sandbox: no instance of this one's classes. */
export function fromOtherRealm<Value extends object>(value: Value): Value {
  const properties: [PropertyKey, PropertyDescriptor][] = [];
  for (let type = Reflect.getPrototypeOf(value); type !== null && type !== Object.prototype; type = Reflect.getPrototypeOf(type)) {
    const own = Object.getOwnPropertyDescriptors(type);
    // What a class has of its own stands before what it inherits.
    for (const name of Reflect.ownKeys(own))
      if (!properties.some(([known]) => known === name)) properties.push([name, Reflect.getOwnPropertyDescriptor(type, name)!]);
  }
  const foreign = {};
  Reflect.setPrototypeOf(foreign, null);
  for (const [name, descriptor] of properties) Object.defineProperty(foreign, name, descriptor);
  Reflect.setPrototypeOf(value, foreign);
  return value;
}
