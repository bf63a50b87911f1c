/**
 * Stands in for `minimatch` when the Worker is built (`[alias]` in wrangler.toml): casbin brings it for
 * its matcher function `globMatch`, which no rule of ours can call. It was 10 KB of the compressed bundle.
 */
export function minimatch(): never {
  throw new TypeError("globMatch is not part of this build");
}
