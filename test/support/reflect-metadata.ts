// @peculiar/x509 uses a dependency container that wants `Reflect.getMetadata` and its kin to exist
//   before it is loaded. The tests need nothing else of that proposal, so this is the part that the
//   container calls. Import it first.

type Owner = object;

const store = new WeakMap<Owner, Map<unknown, unknown>>();

function own(key: unknown, target: Owner): unknown {
  return store.get(target)?.get(key);
}

function inherited(key: unknown, target: Owner): unknown {
  for (let at: Owner | null = target; at !== null; at = Object.getPrototypeOf(at) as Owner | null) {
    const value = own(key, at);
    if (value !== undefined) return value;
  }
  return undefined;
}

function define(key: unknown, value: unknown, target: Owner): void {
  const map = store.get(target) ?? new Map<unknown, unknown>();
  map.set(key, value);
  store.set(target, map);
}

Object.assign(Reflect, {
  getMetadata: inherited,
  getOwnMetadata: own,
  defineMetadata: define,
  hasOwnMetadata: (key: unknown, target: Owner) => own(key, target) !== undefined,
  metadata: (key: unknown, value: unknown) => (target: Owner) => define(key, value, target),
});
