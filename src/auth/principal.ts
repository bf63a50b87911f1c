/** Who is asking, as the verified token says. */
export interface Principal {
  /** The token's `sub`. */
  readonly subject: string;
  readonly name: string | undefined;
  readonly roles: readonly string[];
  /** Seconds since 1970, the token's `exp`. */
  readonly expiresAt: number;
}
